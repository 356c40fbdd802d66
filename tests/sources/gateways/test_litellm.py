"""LiteLLM's payloads, by GATEWAYS 1.4 and 2.9."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.gateways.litellm_logs import AT_MS, AT_S, CALL, ID, line, log, usage
from tests.sources.road import Fields, reading, write
from tests.sources.test_roots import folders, sourced
from tokwatch.config import load
from tokwatch.ingest.chosen import roots_of
from tokwatch.model.event import Grade, RequestFact, Sighting, event_key, response_key
from tokwatch.model.reading import Reading
from tokwatch.sources.discover import Walk
from tokwatch.sources.source import Surroundings

SOURCE = "litellm"
SESSION = "5f0c2b6e-0000-4000-8000-000000000001"


def read(home: Path, *lines: bytes) -> Reading:
    """Return a reading of these lines as one log."""
    return reading(SOURCE, log(home, *lines), home)


def one(home: Path, *lines: bytes) -> Sighting:
    """Return the one request that these lines tell."""
    (found,) = read(home, *lines).sightings
    return found


def classes(found: Sighting) -> tuple[int | None, ...]:
    """Return the token classes of a request."""
    written = (found.cache_write_5m, found.cache_write_1h)
    return (found.input, found.cache_read, *written, found.output, found.reasoning)


def test_a_payload_is_a_witness_of_a_request(home: Path) -> None:
    """1.4: its prompt includes the cache, which its usage object splits."""
    found = one(home, line())

    assert classes(found) == (21, 5_000, 500, 200, 42, 12)
    assert (found.key, found.grade, found.requests) == (response_key(ID), Grade.WITNESS, 1)
    assert (found.web_searches, found.logged_nano, found.final) == (1, 15_268_000, 1)
    assert (found.instant_ms, found.scope.session) == (AT_MS, "spend")
    assert found.model == ("anthropic", "claude-sonnet-4-5", "standard")


@pytest.mark.parametrize(
    ("told", "value"), [(0, 0), (0.7, 700), (None, None), (True, None), ("hot", None), (-1, None)]
)
def test_the_temperature_is_a_fact_where_it_is_told(
    home: Path, told: object, value: int | None
) -> None:
    found = read(home, line(model_parameters={"temperature": told})).facts
    assert [fact.value for fact in found if fact.name == "temperature"] == (
        [] if value is None else [value]
    )


def test_times_are_facts(home: Path) -> None:
    """1.4: seconds with fractions; the first token of a stream has its own time."""
    key = response_key(ID)

    assert set(read(home, line()).facts) == {
        RequestFact(key, "duration_ms", 6_000),
        RequestFact(key, "first_token_ms", 1_500),
    }
    assert read(home, line(stream=None)).facts == (RequestFact(key, "duration_ms", 6_000),)


def test_an_answer_from_its_own_cache_cost_nothing(home: Path) -> None:
    """1.4: it still carries all tokens; what it saved is told apart."""
    name = f"{ID}_cache_hit1785578409.1"
    hit = line(id=name, cache_hit=True, response_cost=0.0, saved_cache_cost=0.008015)
    found = read(home, line(), hit)
    key = event_key(SOURCE, name)

    first, second = found.sightings
    assert (first.key, first.output) == (response_key(ID), 42)
    assert (second.key, second.requests, *classes(second)) == (key, 0, 0, 0, 0, 0, 0, 0)
    assert second.logged_nano == 0
    assert {(fact.name, fact.value) for fact in found.facts if fact.key == key} == {
        ("duration_ms", 6_000),
        ("first_token_ms", 1_500),
        ("response_cache_hit", 1),
        ("response_cache_nano", 8_015_000),
    }


@pytest.mark.parametrize("cache_hit", [None, False, 0, "False"])
def test_a_miss_is_no_hit(home: Path, cache_hit: object) -> None:
    """1.4: misses are told in many ways."""
    assert one(home, line(cache_hit=cache_hit)).requests == 1


def test_a_failure_cost_nothing(home: Path) -> None:
    """1.4: it has no tokens; its status is a fact."""
    error = {"error_code": "429", "error_class": "RateLimitError"}
    failed = line(
        None,
        {},
        **{"id": CALL, "status": "failure", "error_information": error, "error_str": "slow down"},
        **{"prompt_tokens": 0, "completion_tokens": 0, "response_cost": 0},
    )
    found = read(home, failed)

    assert [(it.key, it.requests, it.output) for it in found.sightings] == [
        (event_key(SOURCE, CALL), 0, 0)
    ]
    assert RequestFact(event_key(SOURCE, CALL), "http_status", 429) in found.facts


def test_a_failure_after_some_tokens_is_a_lower_bound(home: Path) -> None:
    """2.1: a stream that broke was billed all the same."""
    found = one(home, line(status="failure"))

    assert (found.requests, found.output, found.final) == (1, 42, 0)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (usage(cache_creation_input_tokens=0, prompt_tokens_details={}), (721, 5_000, 0, 0, 42)),
        (usage(prompt_tokens_details=None), (21, 5_000, 700, 0, 42)),
        (usage(prompt_tokens=21), (21, 5_000, 500, 200, 42)),
        ({"prompt_tokens": 86, "completion_tokens": 9}, (86, None, 0, 0, 9)),
        (
            {
                **{"prompt_tokens": 300, "completion_tokens": 9},
                "prompt_tokens_details": {"cached_tokens": 256},
            },
            (44, 256, 0, 0, 9),
        ),
        (
            {
                **{"input_tokens": 300, "output_tokens": 9, "total_tokens": 309},
                "input_tokens_details": {"cached_tokens": 256},
            },
            (44, 256, 0, 0, 9),
        ),
        ({}, (5_721, None, 0, 0, 42)),
        ("none", (5_721, None, 0, 0, 42)),
    ],
)
def test_usage_has_many_shapes(home: Path, told: object, expected: tuple[int | None, ...]) -> None:
    """2.9: without a usage object the payload's own counts stand; unknown is not 0."""
    assert classes(one(home, line(None, told)))[:5] == expected


@pytest.mark.parametrize(
    ("name", "is_providers"),
    [
        ("msg_01", True),
        ("resp_bGl0ZWxsbTpjdXN0b20=", True),
        ("chatcmpl-0b7a9c11-d2", True),
        ("gen-1785578400-abc", True),
        ("chatcmpl-123", False),
        ("89516c35", False),
        ("chatcmpl-", False),
    ],
)
def test_only_a_providers_own_id_names_a_request_everywhere(
    home: Path, name: str, is_providers: bool
) -> None:
    """1.7: some servers only number their answers."""
    expected = response_key(name) if is_providers else event_key(SOURCE, name)

    assert one(home, line(id=name)).key == expected


def test_a_payload_without_an_id_is_a_request_of_its_own(home: Path) -> None:
    """0.3: the call's id stands in, else the place in the log."""
    lines = [line(id=None), line(id=None), line(id=None, litellm_call_id=None)]
    found = read(home, *lines, lines[-1])

    assert len(found.sightings) == 3
    assert found.tally.repeated == 1


@pytest.mark.parametrize(
    ("meta", "changes", "user", "key", "tag"),
    [
        ({}, {}, "", "key 88dc28d0", ""),
        ({"user_api_key_alias": "laptop"}, {}, "", "laptop", ""),
        ({"user_api_key_user_id": "ana", "user_api_key_alias": "laptop"}, {}, "ana", "laptop", ""),
        ({"user_api_key_user_id": "default_user_id"}, {}, "", "key 88dc28d0", ""),
        ({"user_api_key_user_id": "ana"}, {"end_user": "shop-7"}, "shop-7", "key 88dc28d0", ""),
        ({"user_api_key_hash": "sk-not-hashed"}, {}, "", "key 6c18e875", ""),
        ({"user_api_key_hash": None}, {}, "", "", ""),
        ({}, {"request_tags": ["sk-x", "a", 7]}, "", "key 88dc28d0", "a"),
        ({}, {"request_tags": ["ci", "User-Agent: x", "n"]}, "", "key 88dc28d0", "ci,n"),
        ({"user_api_key_team_alias": "web"}, {}, "", "key 88dc28d0", "web"),
    ],
)
def test_who_asked_is_a_name_and_never_a_key(
    home: Path, meta: Fields, changes: Fields, user: str, key: str, tag: str
) -> None:
    """Aliases and ids as logged; a key without an alias by the begin of its hash."""
    scope = one(home, line(meta, **changes)).scope

    assert (scope.user, scope.key, scope.tag) == (user, key, tag)


@pytest.mark.parametrize(
    ("meta", "changes", "session"),
    [
        ({}, {"session_id": "s1", "trace_id": "t1"}, "s1"),
        ({}, {"trace_id": "nightly-run"}, "nightly-run"),
        ({}, {"trace_id": CALL}, "spend"),
        ({"requester_metadata": {"session_id": "s2"}}, {}, "s2"),
        ({"requester_custom_headers": {"x-claude-code-session-id": SESSION}}, {}, SESSION),
        ({}, {"end_user": f"user_1f_account__session_{SESSION}"}, SESSION),
        ({"requester_metadata": {"user_id": f'{{"session_id":"{SESSION}"}}'}}, {}, SESSION),
    ],
)
def test_the_session_is_the_one_that_the_client_named(
    home: Path, meta: Fields, changes: Fields, session: str
) -> None:
    """1.4: a trace that LiteLLM made up for one request is none."""
    scope = one(home, line(meta, **changes)).scope

    assert scope.session == session
    assert scope.user == ""


def test_a_tier_changes_the_price(home: Path) -> None:
    """3.1: batch, flex and priority; any other is the usual one."""
    found = read(home, line(id="msg_1", told=usage(service_tier="batch")), line(id="msg_2"))
    default = one(home, line(None, usage(service_tier="default")))
    costs = one(home, line(cost_breakdown={"service_tier": "priority"}))

    assert [it.model.tier for it in found.sightings] == ["batch", "standard"]
    assert (default.model.tier, costs.model.tier) == ("standard", "priority")


@pytest.mark.parametrize(
    ("provider", "model", "named"),
    [
        ("gemini", "gemini/gemini-2.5-pro", ("google", "gemini-2.5-pro")),
        ("openai", "gpt-5.5", ("openai", "gpt-5.5")),
        ("openrouter", "openrouter/openai/gpt-5.5", ("openrouter", "openai/gpt-5.5")),
        (None, None, ("", "unknown")),
        (7, [], ("", "unknown")),
    ],
)
def test_models_are_named_as_agents_name_them(
    home: Path, provider: object, model: object, named: tuple[str, str]
) -> None:
    """1.4: LiteLLM puts the provider before a slash."""
    assert one(home, line(custom_llm_provider=provider, model=model)).model[:2] == named


def test_a_record_of_another_shape_is_told(home: Path) -> None:
    """Unknown is shown, with names of fields and no values."""
    found = read(home, b'{"prompt_tokens": 5, "who": "ana"}\n', b'{"level": "INFO"}\n', line())

    assert (len(found.sightings), found.tally.unknown) == (1, 1)
    assert found.tally.sample == "prompt_tokens, who"


@pytest.mark.parametrize(
    ("begin", "end", "at"),
    [
        (AT_S, None, 1_785_578_400_250),
        ("2026-08-01T10:00:00Z", "2026-08-01T10:00:06.250Z", AT_MS),
        ("soon", None, None),
        (True, [], None),
        (-1, 0, None),
        (1e300, None, None),
    ],
)
def test_times_are_seconds_or_texts(home: Path, begin: object, end: object, at: int | None) -> None:
    """0.7: a payload without any is not counted, but shown."""
    found = read(home, line(startTime=begin, endTime=end))

    assert [it.instant_ms for it in found.sightings] == ([] if at is None else [at])
    assert found.tally.undated == (at is None)


def test_only_the_settings_know_where_it_logs(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no usual place, and its log no usual name."""
    monkeypatch.undo()
    source = sourced(SOURCE)

    assert folders(SOURCE, home) == []
    assert all(source.wants(f"/x/a{end}") for end in (".jsonl", ".ndjson", ".json", ".log"))
    assert not source.wants("/x/a.txt")
    assert (source.title_of(home, ""), source.resume_command("s")) == ("", "")
    assert source.retention(Surroundings(home, {}, "linux")) == ""


@pytest.mark.parametrize("name", ["logs/spend.jsonl", "spend.of.litellm", "folder"])
def test_the_settings_name_a_folder_or_a_log(home: Path, name: str) -> None:
    """A log that is named itself is taken whatever it is called, and nothing beside it."""
    place = home / name
    log = write(place / "a.jsonl" if name == "folder" else place, line())
    write(place.parent / "other.jsonl", line())
    settings = home / "config.toml"
    settings.write_text(f'[sources.paths]\nlitellm = ["{place}"]\n', encoding="utf-8")
    config = load(str(settings), data=home, environ={})
    source = sourced(SOURCE)
    found = Walk().over(roots_of(source, config, Surroundings(home, {}, "linux"))[1:], source.wants)

    assert [it.path for it in found] == [str(log)]

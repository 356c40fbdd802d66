"""pi: what an entry's usage counts as, and for whom (FORMATS 2.10)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.agents.pi_logs import (
    AT,
    AT_MS,
    BEGUN_MS,
    COST,
    OTHER,
    PROJECT,
    SESSION,
    answer,
    entry,
    header,
    pi_folder,
    pi_log,
    prompt,
    usage,
)
from tests.sources.agents.spoilt import HOSTILE, bytes_of, spoilt
from tests.sources.road import CANARY, Fields, Road, Spent, reading, spelt, write
from tokwatch.model.event import Grade, Sighting, response_key
from tokwatch.model.reading import Reading
from tokwatch.sources import source_named
from tokwatch.sources.source import Surroundings

SOURCE = "pi"
CALL = Spent(1, 12, 300, 0, 15_000, 200, 0)


def read(home: Path, *entries: Fields, first: bytes | None = None) -> Reading:
    """Return a reading of these entries as one session."""
    lines = [header() if first is None else first, *map(spelt, entries)]
    return reading(SOURCE, pi_log(home, *lines), pi_folder(home))


def one(home: Path, *entries: Fields, first: bytes | None = None) -> Sighting:
    """Return the only sighting in these entries."""
    (found,) = read(home, *entries, first=first).sightings
    return found


def classes(found: Sighting) -> tuple[int | None, ...]:
    """Return the token classes of a request."""
    written = (found.cache_write_5m, found.cache_write_1h)
    return (found.input, found.cache_read, *written, found.output, found.reasoning)


def test_an_answer_counts_in_its_classes(home: Path) -> None:
    """2.10: input excludes the cache; time, place and cost as logged."""
    found = one(home, answer())

    assert classes(found) == (12, 15_000, 300, 0, 200, None)
    assert found.scope[:4] == (SOURCE, SESSION, "", PROJECT)
    assert found.model == ("anthropic", "claude-sonnet-4-6", "standard")
    assert (found.instant_ms, found.logged_nano) == (AT_MS, round(COST * 1e9))
    assert (found.grade, found.final, found.requests) == (Grade.RECORD, 1, 1)


def test_one_hour_writes_and_reasoning_are_parts(home: Path) -> None:
    """Parts of cache writes and of output, where a provider tells them; never more than these."""
    told = one(home, answer(counts=usage(cacheWrite1h=100, reasoning=50)))
    much = one(home, answer(counts=usage(cacheWrite1h=9_999, reasoning=9_999)))

    assert classes(told)[2:] == (200, 100, 200, 50)
    assert classes(much)[2:] == (0, 300, 200, 200)


def test_an_answer_is_known_by_the_providers_id(home: Path) -> None:
    """2.10: a gateway that logs the same id tells of the same request."""
    assert one(home, answer("msg_9")).key == response_key("msg_9")


def test_numbers_that_ollama_gives_twice_are_no_ids(home: Path) -> None:
    """Ollama's ids are random below 1000: two answers may share one."""
    first, second = answer("chatcmpl-123"), answer("chatcmpl-123", begun=BEGUN_MS + 1)

    assert len(read(home, first, second).sightings) == 2


def test_an_answer_without_an_id_is_known_by_its_beginning(home: Path) -> None:
    """2.10: an entry's own id is given anew when a session of version 1 is opened."""
    before = one(home, answer(None, identity=""))
    after = one(home, answer(None, identity="ffffffff"))
    other = one(home, answer(None, begun=BEGUN_MS + 1))

    assert before.key == after.key != other.key


def test_a_model_that_was_routed_to_is_the_one_that_answered(home: Path) -> None:
    found = one(home, answer(provider="openrouter", model="auto", responseModel="openai/gpt-5.6"))

    assert found.model[:2] == ("openrouter", "openai/gpt-5.6")


@pytest.mark.parametrize("reason", ["error", "aborted", "pending", "deferred"])
def test_an_answer_that_was_cut_is_a_lower_bound(home: Path, reason: str) -> None:
    """0.6: what it had cost when it was cut is the least that it cost."""
    assert one(home, answer(stopReason=reason)).final == 0


def test_an_abandoned_branch_was_billed_as_well(home: Path) -> None:
    """2.10: entries form a tree; all of it was paid for."""
    first = answer("msg_a_0000000001", identity="b1") | {"parentId": "p0"}
    second = answer("msg_b_0000000001", identity="b2") | {"parentId": "p0"}

    assert len(read(home, first, second).sightings) == 2


@pytest.mark.parametrize("kind", ["compaction", "branch_summary"])
def test_a_summary_counts_for_the_model_at_hand(home: Path, kind: str) -> None:
    """Newer versions tell what a summary cost, but not who wrote it."""
    change = entry("model_change", "c0", provider="openai", modelId="gpt-5.6")

    found = one(home, change, entry(kind, "c1", summary=CANARY, usage=usage()))

    assert (found.model[:2], found.final) == (("openai", "gpt-5.6"), 1)
    assert classes(found)[:3] == (12, 15_000, 300)


def test_warming_a_cache_counts(home: Path) -> None:
    """Requests beside the conversation have entries of their own."""
    warm = entry("usage", kind="cache_warm", provider="anthropic", model="m", usage=usage())

    assert one(home, warm).model[:2] == ("anthropic", "m")


def test_a_tools_own_requests_are_a_sum_of_an_unknown_model(home: Path) -> None:
    """A tool sums what it asked for itself in its result: derived."""
    result = {"role": "toolResult", "toolCallId": "t", "content": [], "usage": usage()}

    both = read(home, answer("msg_a_0000000001"), entry("message", "t1", message=result))

    assert [found.grade for found in both.sightings] == [Grade.RECORD, Grade.DERIVED]
    assert both.sightings[1].model == ("", "unknown", "standard")


def test_a_local_message_is_no_request(home: Path) -> None:
    """Zeros everywhere: a request that failed, or a text that no model wrote."""
    nothing = {**usage(0, 0, 0, 0), "cost": {"total": 0}}

    found = read(home, answer(counts=nothing, stopReason="error"))

    assert (found.sightings, found.tally.synthetic) == ([], 1)


def test_a_cost_of_nothing_is_none(home: Path) -> None:
    """Models without a price cost 0 in the log: then the cost is computed."""
    assert one(home, answer(counts=usage(cost={"total": 0}))).logged_nano is None


def test_how_long_an_answer_took_is_told(home: Path) -> None:
    """From the message's beginning to the entry that was written at its end."""
    (fact,) = read(home, answer()).facts

    assert fact[1:] == ("duration_ms", AT_MS - BEGUN_MS)


def test_a_fork_counts_once_and_for_its_origin(home: Path, road: Road) -> None:
    """4.1: a fork copies entries, ids and times included, and names the session it came from."""
    told = [answer("msg_a_0000000001"), answer(None, identity="a2")]
    origin = pi_log(home, header(), *map(spelt, told))
    later = {"timestamp": "2026-08-01T11:00:00.000Z", "parentSession": str(origin)}
    own = answer("msg_b_0000000001", at="2026-08-01T11:00:09Z")
    lines = map(spelt, [*told, own])
    pi_log(home, header(OTHER, **later), *lines, session=OTHER)
    road.read()

    sums = {group[1]: spent.requests for group, spent in road.sums().items()}
    assert sums == {SESSION: 2, OTHER: 1}
    fork = (
        reading(SOURCE, pi_folder(home) / "--home-ana-shop--" / f"x_{OTHER}.jsonl", home)
        if (False)
        else None
    )
    assert fork is None


def test_a_migrated_session_counts_once(home: Path, road: Road) -> None:
    """A session of version 1 is written anew with ids when it is opened."""
    old = [answer(None), answer(None, begun=BEGUN_MS + 9)]
    for fields in old:
        del fields["id"], fields["parentId"]
    first = spelt({"type": "session", "id": SESSION, "timestamp": AT, "cwd": PROJECT})
    pi_log(home, first, *map(spelt, old))
    road.read()
    pi_log(home, header(), *(spelt(fields | {"id": "12345678"}) for fields in old))
    road.read()

    assert road.total() == CALL.plus(CALL)


def test_replays_and_pieces_change_nothing(home: Path, road: Road) -> None:
    """0: any file replayed any number of times changes nothing."""
    lines = [header(), prompt(), spelt(answer()), spelt(answer(None, begun=BEGUN_MS + 1))]
    for end in (1, 3, 3, 4, 2, 4):
        pi_log(home, *lines[:end])
        road.read()

    assert road.total() == CALL.plus(CALL)
    assert {group[1] for group in road.sums()} == {SESSION}


def test_what_came_before_is_known_to_a_later_read(home: Path) -> None:
    """The header and the model stand before what is read later."""
    change = entry("model_change", provider="openai", modelId="gpt-5.6")
    start = read(home, change)
    bare = {"role": "assistant", "usage": usage()}
    late = pi_log(home, header(), spelt(change), spelt(entry("message", message=bare)))

    (found,) = reading(SOURCE, late, pi_folder(home), start.cursor).sightings

    assert (found.scope.project, found.model[:2]) == (PROJECT, ("openai", "gpt-5.6"))


def test_usage_without_a_time_is_undated(home: Path) -> None:
    """0.7: not counted, but shown."""
    found = read(home, answer(at=None, begun=None), answer(None, at="soon"))

    assert (len(found.sightings), found.tally.undated) == (1, 1)


def test_usage_of_an_unknown_shape_is_told(home: Path) -> None:
    found = read(home, answer(counts={"prompt_tokens": 9, "completion_tokens": 1}))

    assert (found.sightings, found.tally.unknown) == ([], 1)
    assert found.tally.sample == "completion_tokens, prompt_tokens"


def test_names_are_made_safe(home: Path) -> None:
    """4.7: log text is hostile."""
    found = one(home, answer(model=HOSTILE, provider=HOSTILE), first=header(cwd=HOSTILE))

    told = [*found.model, found.scope.project, found.scope.session]
    assert not any(mark in name for name in told for mark in "\x1b\x07\u202e\ud800")
    assert max(map(len, told)) <= 400


def test_no_prompt_reaches_the_store(home: Path, road: Road, tmp_path: Path) -> None:
    pi_log(home, header(), prompt(), spelt(answer()))
    road.read()

    stored = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    assert CANARY.encode() not in stored


@given(spoilt(answer()), st.binary(max_size=40))
def test_garbage_costs_no_good_record(
    tmp_path_factory: pytest.TempPathFactory, record: object, noise: bytes
) -> None:
    """4.2: whatever stands between them, good records count."""
    home = tmp_path_factory.mktemp("bad")
    good = [answer("msg_a_0000000001"), answer("msg_b_0000000001", begun=BEGUN_MS + 5)]
    first, last = map(spelt, good)
    log = pi_log(home, header(), first, bytes_of(record) + b"\n", noise + b"\n", last, first[:70])

    found = reading(SOURCE, log, pi_folder(home))

    keys = {sighting.key for sighting in found.sightings}
    assert {response_key("msg_a_0000000001"), response_key("msg_b_0000000001")} <= keys
    assert all(count >= 0 for sighting in found.sightings for count in classes(sighting) if count)


def test_titles_are_names_or_first_words(home: Path) -> None:
    """A session's own name, the last that was given, beats the first prompt."""
    source = source_named(SOURCE)
    assert source is not None
    words = pi_log(home, header(), prompt("fix  the\nbuild"), session="w")
    given_name = entry("session_info", name="Refactor \x1b[1mauth")
    named = pi_log(home, header(), prompt("x"), spelt(given_name), session="n")

    assert source.title_of(words, "w") == "fix the build"
    assert source.title_of(named, "n") == "Refactor [1mauth"
    assert source.title_of(home / "none.jsonl", "x") == ""
    assert source.resume_command("a b") == "pi --session 'a b'"


def folders(source: str, home: Path, **variables: str) -> list[str]:
    """Return the folders of a source, as they lie in a home."""
    found = source_named(source)
    assert found is not None
    roots = found.roots(Surroundings(home, variables, "linux"))
    return [str(root.path.relative_to(home)) for root in roots]


def test_folders_of_pi_follow_its_variables(home: Path) -> None:
    """2.10: overrides replace the folder at home; Oh My Pi's is not pi's."""
    mine, other = str(home / "mine"), str(home / ".omp" / "agent")

    assert folders(SOURCE, home) == [".pi/agent/sessions"]
    assert folders(SOURCE, home, PI_CODING_AGENT_SESSION_DIR=mine) == ["mine"]
    assert folders(SOURCE, home, PI_CODING_AGENT_DIR=mine) == ["mine/sessions"]
    assert folders(SOURCE, home, PI_CODING_AGENT_DIR=other) == [".pi/agent/sessions"]
    assert folders(SOURCE, home, PI_AGENT_DIR=mine) == ["mine"]


def test_an_empty_log_is_nothing(home: Path) -> None:
    assert reading(SOURCE, write(pi_folder(home) / "x.jsonl"), pi_folder(home)).sightings == []

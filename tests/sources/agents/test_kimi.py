"""Kimi CLI: usage of each step, by the rules of FORMATS 2.9."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.agents.kimi_logs import (
    AT_MS,
    CALL,
    HASH,
    PROJECT,
    SESSION,
    cli_log,
    header,
    known_folders,
    message,
    mirrored,
    prompt,
    spelt_usage,
    status,
)
from tests.sources.agents.spoilt import shuffled
from tests.sources.reference_text import instant, records, table, text, tokens
from tests.sources.road import Fields, Road, Spent, reading, write
from tests.sources.test_roots import folders, sourced
from tokwatch.model.event import Grade, Sighting, response_key
from tokwatch.model.reading import Reading
from tokwatch.sources.source import Surroundings

SOURCE = "kimi"


def read(home: Path, *lines: bytes, agent: str = "") -> Reading:
    """Return a reading of these lines as one wire log."""
    return reading(SOURCE, cli_log(home, *lines, agent=agent), home / ".kimi" / "sessions")


def classes(one: Sighting) -> tuple[int | None, ...]:
    """Return the token classes of a request."""
    return (one.input, one.cache_read, one.cache_write_5m, one.cache_write_1h, one.output)


def test_a_step_counts_in_its_classes(home: Path) -> None:
    """2.9: input excludes what the cache read and wrote; times are seconds."""
    known_folders(home)

    (one,) = read(
        home, header(), prompt(), status("m1", CALL, max_context_tokens=262_144)
    ).sightings

    assert classes(one) == (100, 25_000, 10, 0, 140)
    assert (one.reasoning, one.requests, one.final, one.grade) == (None, 1, 1, Grade.RECORD)
    assert (one.instant_ms, one.first_ms, one.window) == (AT_MS, AT_MS, 262_144)
    assert one.scope[:4] == (SOURCE, SESSION, "", PROJECT)
    assert one.model[:2] == ("", "kimi-for-coding")


def test_the_last_record_of_a_message_counts(home: Path) -> None:
    """2.9: one message of a session is one request."""
    found = read(home, status("m1", (1, 0, 0, 5)), status("m2"), status("m1", (1, 0, 0, 9)))

    assert sorted(one.output or 0 for one in found.sightings) == [9, 140]
    assert found.tally.repeated == 1


def test_a_message_of_another_session_is_another(home: Path, road: Road) -> None:
    """2.9: the session is a part of the name, but not where the provider named the answer."""
    for session in ("s1", "s2"):
        cli_log(home, status("m1"), status("chatcmpl-42"), session=session)
    road.read()

    assert road.total().requests == 4


def test_a_fork_tells_of_the_providers_answers_again(home: Path, road: Road) -> None:
    """4.1: a fork copies its origin's wire log, answers' ids included."""
    name = "chatcmpl-6f1c0f6e8d"
    for session, rest in (("s1", ()), ("s2", (status("chatcmpl-0b7a9c11d2", (1, 1, 1, 1)),))):
        cli_log(home, header(), status(name), *rest, session=session)
    road.read()

    assert read(home, status(name)).sightings[0].key == response_key(name)
    assert road.total() == Spent(2, 101, 11, 0, 25_001, 141, 0)


def test_a_step_without_a_name_is_a_request_of_its_own(home: Path) -> None:
    """0.3: never merge on equal content."""
    assert len(read(home, status(None), status(None)).sightings) == 2


def test_a_mirror_of_a_sub_agent_counts_nothing(home: Path, road: Road) -> None:
    """2.9: its own wire log tells what it used."""
    cli_log(home, status("m1"), mirrored("m2", (7, 7, 7, 7)))
    cli_log(home, status("m2", (7, 0, 0, 70)), agent="a1")
    road.read()

    assert road.total() == Spent(2, 107, 10, 0, 25_000, 210, 0)


def test_a_sub_agent_is_named_and_has_its_own_model(home: Path) -> None:
    """2.9: what it was launched with lies beside its wire log."""
    meta = {
        "agent_id": "a1",
        "subagent_type": "coder",
        "launch_spec": {"effective_model": "kimi/k3"},
    }
    folder = cli_log(home, agent="a1").parent
    write(folder / "meta.json", json.dumps(meta).encode())

    found = read(home, status(), agent="a1")

    assert found.sightings[0].scope[1:3] == (SESSION, "a1")
    assert found.sightings[0].model.name == "k3"
    assert [note[:3] for note in found.notes] == [(SESSION, "a1", "coder")]


@pytest.mark.parametrize(
    ("name", "content", "model"),
    [
        ("config.toml", 'default_model = "a"\n[models.a]\nmodel = "kimi-k2.6"', "kimi-k2.6"),
        ("config.toml", 'default_model = "kimi-code/kimi-k3"', "kimi-k3"),
        ("config.toml", "default_model = [", "kimi-for-coding"),
        ("config.json", '{"model": "kimi-k2"}', "kimi-k2"),
        ("config.json", '{"model": 7}', "kimi-for-coding"),
        ("config.json", "[[[", "kimi-for-coding"),
    ],
)
def test_the_configured_model_is_the_model(home: Path, name: str, content: str, model: str) -> None:
    """2.9: wire logs name none."""
    write(home / ".kimi" / name, content.encode())

    assert read(home, status()).sightings[0].model.name == model


def test_a_status_without_usage_is_none(home: Path) -> None:
    """2.9: most statuses tell of other things."""
    found = read(home, message("StatusUpdate", context_usage=0.5, token_usage=None), status())

    assert len(found.sightings) == 1
    assert found.tally.unknown == 0


def test_usage_of_another_shape_is_told(home: Path) -> None:
    """Unknown is shown, with names of fields and no values."""
    found = read(home, status(token_usage={"tokens_in": 5}), status())

    assert (len(found.sightings), found.tally.unknown) == (1, 1)
    assert "tokens_in" in found.tally.sample


@pytest.mark.parametrize("at", [None, "soon", True, -1, 0, [], 1e12], ids=repr)
def test_a_step_without_a_time_is_undated(home: Path, at: object) -> None:
    """0.7: not counted, but shown."""
    found = read(home, status(at=at))

    assert (list(found.sightings), found.tally.undated) == ([], 1)


def test_a_title_is_the_sessions_own_or_its_first_words(home: Path) -> None:
    """Titles are read from the log on demand."""
    log = cli_log(
        home, header(), b"{broken\n", prompt([{"type": "text", "text": "Mend \x1b[1mit"}])
    )
    source = sourced(SOURCE)

    assert source.title_of(log, SESSION) == "Mend [1mit"
    write(log.parent / "state.json", b'{"custom_title": "Repairs"}')
    assert source.title_of(log, SESSION) == "Repairs"
    assert source.title_of(home / "none" / "wire.jsonl", SESSION) == ""
    assert source.resume_command("a b") == "kimi --session 'a b'"
    assert source.retention(Surroundings(home, {}, "linux")) == ""


def test_where_the_logs_lie(home: Path) -> None:
    """2.9: one folder, and two variables that replace it."""
    assert folders(SOURCE, home) == ["~/.kimi/sessions"]
    assert folders(SOURCE, home, KIMI_SHARE_DIR="~/k") == ["~/k/sessions"]
    assert folders(SOURCE, home, KIMI_DATA_DIR="/k") == ["/k/sessions"]
    assert sourced(SOURCE).wants(f"/x/{HASH}/s/wire.jsonl")
    assert not sourced(SOURCE).wants(f"/x/{HASH}/s/context.jsonl")


COUNTS = st.tuples(*[st.integers(0, 50_000)] * 4)
STATUSES = st.lists(st.tuples(st.sampled_from(["a", "b", "chatcmpl-1a2b3c4d", ""]), COUNTS))


@given(STATUSES, st.randoms(use_true_random=False), st.sampled_from([(", ", ": "), (",", ":")]))
def test_shuffled_keys_and_odd_spacing_change_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    statuses: list[tuple[str, tuple[int, int, int, int]]],
    random: Random,
    separators: tuple[str, str],
) -> None:
    """4.2: a record is what JSON says it is; a slow second reader agrees."""
    lines = []
    for place, (name, counts) in enumerate(statuses):
        payload = {"message_id": name, "token_usage": spelt_usage(counts)}
        record: Fields = {"message": {"payload": payload, "type": "StatusUpdate"}}
        record |= {"timestamp": 1_785_578_400 + place}
        spelt = json.dumps(shuffled(random, record), separators=separators)
        lines.append(spelt.encode() + b" \r\n")
    home = tmp_path_factory.mktemp("odd")
    log = cli_log(home, *lines)

    found = reading(SOURCE, log, home / ".kimi" / "sessions").sightings

    assert sorted((one.instant_ms, *classes(one)) for one in found) == reference(log)


def reference(log: Path) -> list[tuple[int | None, ...]]:
    """Return what a wire log amounts to, by the rules alone."""
    steps: dict[object, tuple[int | None, ...]] = {}
    for number, record in records(log):
        payload = table(table(record.get("message")).get("payload"))
        usage = table(payload.get("token_usage"))
        parts = [tokens(usage.get(name)) for name in spelt_usage(CALL)]
        at = instant(record.get("timestamp"))
        if at is not None and any(parts):
            plain, cached, written, output = parts
            name = text(payload.get("message_id")) or number
            steps[name] = (at * 1000, plain, cached, written, 0, output)
    return sorted(steps.values())

"""Factory Droid: growth of a session's totals, by the rules of FORMATS 2.8."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.agents.droid_logs import (
    BEGAN_MS,
    HOUR_MS,
    PROJECT,
    SESSION,
    save,
    session_log,
    settings,
    totals,
)
from tests.sources.agents.spoilt import shuffled
from tests.sources.reference_text import table, tokens
from tests.sources.road import CANARY, Fields, Road, Spent, reading
from tests.sources.test_roots import folders, sourced
from tokwatch.model.event import Grade, Sighting
from tokwatch.model.reading import Reading
from tokwatch.sources.source import Surroundings

SOURCE = "droid"


def read(home: Path, told: object) -> Reading:
    """Return a reading of a session's settings."""
    return reading(SOURCE, save(home, told), home / ".factory" / "sessions")


def classes(one: Sighting) -> tuple[int | None, ...]:
    """Return the token classes of a request, reasoning the last."""
    parts = (one.input, one.cache_read, one.cache_write_5m, one.cache_write_1h)
    return (*parts, one.output, one.reasoning)


def test_a_total_counts_whole_when_it_is_first_seen(home: Path) -> None:
    """2.8: thinking is billed as output and told apart; the cache is not in the input."""
    session_log(home)

    (one,) = read(home, settings()).sightings

    assert classes(one) == (900, 310_000, 22_000, 0, 4_800, 700)
    assert (one.grade, one.instant_ms, one.first_ms) == (Grade.DERIVED, BEGAN_MS, BEGAN_MS)
    assert one.scope[:4] == (SOURCE, SESSION, "", PROJECT)
    assert one.model[:2] == ("anthropic", "claude-sonnet-4-6")


def test_later_looks_count_growth_when_it_is_seen(home: Path, road: Road) -> None:
    """2.8: cumulative totals; the tool puts a new file in place of the old one."""
    save(home, settings((100, 10, 1, 5, 2)))
    road.read()
    save(home, settings((100, 10, 1, 5, 2)), changed_ms=BEGAN_MS + 2 * HOUR_MS)
    road.read()
    save(home, settings((150, 70, 1, 9, 2)), changed_ms=BEGAN_MS + 3 * HOUR_MS)
    road.read()

    events = road.events()
    assert [event.instant_ms - BEGAN_MS for event in events] == [3 * HOUR_MS, 0]
    assert [event.usage.input for event in events] == [50, 100]
    assert road.total() == Spent(2, 150, 1, 0, 70, 11, 2)


def test_a_total_that_shrinks_begins_anew(home: Path, road: Road) -> None:
    """What was counted stays counted."""
    for place, total in enumerate((100, 40, 60)):
        save(home, settings((total, 0, 0, 0, 0)), changed_ms=BEGAN_MS + place)
        road.read()

    assert road.total().input == 160


def test_reading_anew_ends_in_the_same_total(home: Path, road: Road, tmp_path: Path) -> None:
    """A new store sees the last total only, and counts it whole."""
    for place, total in enumerate((100, 240)):
        save(home, settings((total, 0, 0, 7, 0)), changed_ms=BEGAN_MS + place)
        road.read()
    other = Road(home, tmp_path / "other")
    other.read()
    other.read()

    assert other.total() == Spent(1, 240, 0, 0, 0, 7, 0)
    assert road.total() == Spent(2, 240, 0, 0, 0, 7, 0)
    other.close()


def test_a_torn_file_is_bad_and_forgets_nothing(home: Path, road: Road) -> None:
    """4.2: the next look goes on from the last good one."""
    save(home, settings((100, 0, 0, 0, 0)))
    road.read()
    save(home, json.dumps(settings((120, 0, 0, 0, 0))).encode()[:-9], changed_ms=BEGAN_MS)
    road.read()
    save(home, settings((130, 0, 0, 0, 0)), changed_ms=BEGAN_MS + 1)
    road.read()

    assert road.total().input == 130
    assert read(home, b"{").tally.bad_lines == 1


@pytest.mark.parametrize(
    ("told", "model"),
    [
        ("custom:Claude-Opus-4.5-Thinking-[Anthropic]-0", "Claude-Opus-4.5-Thinking"),
        ("custom:glm-4.6", "glm-4.6"),
        ("gpt-5.1-codex", "gpt-5.1-codex"),
        ("gpt-5-[x]", "gpt-5"),
        (None, "unknown"),
        (7, "unknown"),
    ],
)
def test_a_custom_model_is_the_model(home: Path, told: object, model: str) -> None:
    """2.8: the prefix and whose it is are no part of its name."""
    assert read(home, settings(model=told)).sightings[0].model.name == model


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("reminder\nModel: claude-opus-4-5-20251101", "claude-opus-4-5-20251101"),
        ("Model: Claude Sonnet 4.5 [Anthropic]", "claude-sonnet-4.5"),
        ("Model: gpt-5 and my word is hunter2", "gpt-5"),
        ("Model: hunter2", "unknown"),
        (f"Model: {CANARY}", "unknown"),
    ],
)
def test_a_model_named_in_the_first_text_is_a_model(home: Path, text: str, model: str) -> None:
    """2.8: where settings name none; a prompt's words are never a name."""
    session_log(home, text)

    assert read(home, settings(model="")).sightings[0].model.name == model


@pytest.mark.parametrize(
    ("fields", "provider"),
    [
        ({"providerLock": "openai"}, "openai"),
        (
            {"providerLock": "generic-chat-completion-api", "apiProviderLock": "fireworks"},
            "fireworks",
        ),
        ({"providerLock": None}, ""),
    ],
)
def test_the_provider_is_the_one_that_was_asked(home: Path, fields: Fields, provider: str) -> None:
    """A generic interface is no provider."""
    assert read(home, settings(**fields)).sightings[0].model.provider == provider


def test_without_a_begin_a_total_belongs_to_the_files_time(home: Path) -> None:
    """2.8: the lock may be missing."""
    (one,) = read(home, settings(providerLockTimestamp=None)).sightings

    assert one.instant_ms == BEGAN_MS + HOUR_MS


def test_settings_without_usage_are_no_session_yet(home: Path) -> None:
    """A shape that nobody knows is told, with names of fields only."""
    assert list(read(home, {"model": "x"}).sightings) == []
    assert list(read(home, settings((0, 0, 0, 0, 0))).sightings) == []
    assert read(home, [1, 2]).tally.unknown == 0
    assert read(home, settings(tokenUsage={"sum": 5})).tally.sample == "sum"
    assert read(home, settings(tokenUsage=5)).tally.unknown == 1


def test_a_title_is_the_sessions_own(home: Path) -> None:
    """Titles are read from the log on demand."""
    path, source = save(home, settings()), sourced(SOURCE)

    assert source.title_of(path, SESSION) == ""
    session_log(home, sessionTitle="New Session", title="echo it")
    assert source.title_of(path, SESSION) == "echo it"
    session_log(home, sessionTitle="Repairs")
    assert source.title_of(path, SESSION) == "Repairs"
    assert source.resume_command("s") == "droid --resume s"
    assert source.retention(Surroundings(home, {}, "linux")) == ""


def test_where_the_logs_lie(home: Path) -> None:
    """2.8: one folder, and two variables that replace it."""
    assert folders(SOURCE, home) == ["~/.factory/sessions"]
    assert folders(SOURCE, home, DROID_SESSIONS_DIR="/d") == ["/d"]
    assert folders(SOURCE, home, FACTORY_DIR="~/f") == ["~/f/sessions"]
    assert sourced(SOURCE).wants("/x/a.settings.json")
    assert not sourced(SOURCE).wants("/x/settings.json")


ODD: st.SearchStrategy[object] = st.integers(-5, 90_000) | st.sampled_from(
    [None, True, "7", 2**70, 1.5, [], {}]
)


@given(
    looks=st.lists(st.tuples(ODD, ODD, ODD, ODD, ODD), min_size=1, max_size=5),
    random=st.randoms(use_true_random=False),
    spaces=st.sampled_from([None, 0, 3]),
)
def test_growth_amounts_to_what_a_second_reader_finds(
    tmp_path_factory: pytest.TempPathFactory,
    looks: list[tuple[object, object, object, object, object]],
    random: Random,
    spaces: int | None,
) -> None:
    """4.2: keys in any order, any spacing, values of any type, any number of looks."""
    home, cursor, found = tmp_path_factory.mktemp("odd"), None, [0, 0, 0, 0, 0]
    for counts in looks:
        path = save(home, json.dumps(shuffled(random, settings(counts)), indent=spaces).encode())
        one = reading(SOURCE, path, home / ".factory" / "sessions", cursor)
        cursor = one.cursor
        for sighting in one.sightings:
            told = classes(sighting)
            parts = (told[0], told[1], told[2], (told[4] or 0) - (told[5] or 0), told[5])
            found = [sum_ + (part or 0) for sum_, part in zip(found, parts, strict=True)]

    assert found == reference([table(json.loads(json.dumps(totals(look)))) for look in looks])


def reference(looks: list[dict[str, object]]) -> list[int]:
    """Return what looks at a total amount to; an unknown part is as it was."""
    last, sums = [0] * 5, [0] * 5
    for usage in looks:
        now = [
            tokens(value) if _is_count(value) else before
            for value, before in zip(usage.values(), last, strict=True)
        ]
        whole = any(part < before for part, before in zip(now, last, strict=True))
        sums = [
            total + part - (0 if whole else before)
            for total, part, before in zip(sums, now, last, strict=True)
        ]
        last = now
    return sums


def _is_count(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= float(str(value)) < 2**33

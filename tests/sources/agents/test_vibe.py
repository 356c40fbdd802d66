"""Mistral Vibe: growth of a session's totals, compactions and sub-agents, by FORMATS 2.12."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.agents.spoilt import shuffled
from tests.sources.agents.vibe_logs import (
    BEGAN,
    BEGAN_MS,
    MINUTE_MS,
    MODELS,
    PROJECT,
    SAVED,
    SESSION,
    meta,
    save,
    stats,
)
from tests.sources.road import Fields, Road, Spent, reading
from tests.sources.test_roots import folders, sourced
from tokwatch.model.event import Grade, Sighting
from tokwatch.model.reading import Reading
from tokwatch.model.usage import Dimension
from tokwatch.sources.source import Surroundings

SOURCE = "vibe"
CHILD = "9c3d4e55-2f0b-4f7c-9a27-4f9f6f1d2b11"


def read(home: Path, told: object) -> Reading:
    """Return a reading of what is told about a session."""
    return reading(SOURCE, save(home, told), home / ".vibe" / "logs" / "session")


def classes(one: Sighting) -> tuple[int | None, ...]:
    """Return the token classes of a request."""
    return (one.input, one.cache_read, one.cache_write_5m, one.cache_write_1h, one.output)


def test_a_total_counts_whole_when_it_is_first_seen(home: Path) -> None:
    """2.12: prompts include what the cache served; it is the time of saving that counts."""
    (one,) = read(home, meta(stats(10_000, 300, 4_000, 0.0125))).sightings

    assert classes(one) == (6_000, 4_000, None, None, 300)
    assert (one.reasoning, one.logged_nano, one.grade) == (None, 12_500_000, Grade.DERIVED)
    assert one.instant_ms == BEGAN_MS + 5 * MINUTE_MS
    assert one.scope[:5] == (SOURCE, SESSION, "", PROJECT, "main")
    assert one.model[:2] == ("mistral", "devstral-2512")


def test_older_versions_tell_no_cache_reads(home: Path) -> None:
    """Unknown is not none; nor is a cost without prices."""
    (one,) = read(home, meta(stats(10_000, 300))).sightings

    assert classes(one) == (10_000, None, None, None, 300)
    assert one.logged_nano is None


def test_later_looks_count_growth(home: Path, road: Road) -> None:
    """Tokens and cost grow; a look at the same totals finds nothing."""
    for place, told in enumerate(
        [stats(100, 5, 0, 0.5), stats(100, 5, 0, 0.5), stats(180, 9, 40, 0.75)]
    ):
        save(home, meta(told), changed_ms=BEGAN_MS + place)
        road.read()

    assert road.total() == Spent(2, 140, 0, 0, 40, 9, 0)
    assert sum(event.usage.logged_nano for event in road.events()) == 750_000_000


def test_a_cleared_history_begins_anew(home: Path, road: Road) -> None:
    """What was counted stays counted."""
    for place, prompt in enumerate((100, 30)):
        save(home, meta(stats(prompt, 1)), changed_ms=BEGAN_MS + place)
        road.read()

    assert road.total().input == 130


def test_a_compaction_carries_totals_into_a_new_session(home: Path, road: Road) -> None:
    """The new session goes on counting where the old one stopped: that much counts once."""
    save(home, meta(stats(1_000, 50, 300, 0.5)))
    child = meta(stats(1_400, 60, 350, 0.75), CHILD, parent_session_id=SESSION)
    save(home, child | {"start_time": "2026-08-01T10:05:20+00:00"})
    road.read()

    sums = road.sums((Dimension.SESSION,))
    assert sums[SESSION,] == Spent(1, 700, 0, 0, 300, 50, 0)
    assert sums[CHILD,] == Spent(1, 350, 0, 0, 50, 10, 0)
    assert sum(event.usage.logged_nano for event in road.events()) == 750_000_000


@pytest.mark.parametrize(
    "fields",
    [
        {"start_time": BEGAN},
        {"stats": stats(900, 60)},
        {"stats": stats(1_400, 60, steps=0)},
        {"parent_session_id": "unknown-1111"},
        {"parent_session_id": None},
        {"start_time": None},
    ],
    ids=["begun before", "less", "fewer steps", "unknown", "none", "undated"],
)
def test_a_fork_begins_at_nothing(home: Path, fields: Fields) -> None:
    """Only totals that go on from the parent's last ones are carried over."""
    save(home, meta(stats(1_000, 50)))
    told: Fields = {"start_time": SAVED, "parent_session_id": SESSION} | fields
    child = meta(stats(1_400, 60), CHILD) | told

    (one,) = read(home, child).sightings

    assert one.input == child["stats"]["session_prompt_tokens"]


def test_a_sub_agent_belongs_to_its_parents_session(home: Path, road: Road) -> None:
    """A sub-agent's folder lies in its parent's; its totals are its own."""
    parent = save(home, meta(stats(100, 5))).parent.name
    told = meta(stats(70, 7), CHILD, agent_profile={"name": "explore"})
    save(home, told, folder=f"{parent}/agents/session_20260801_100100_{CHILD[:8]}")
    road.read()

    assert road.sums((Dimension.SESSION, Dimension.KIND)) == {
        (SESSION, "main"): Spent(1, 100, 0, 0, 0, 5, 0),
        (SESSION, "explore"): Spent(1, 70, 0, 0, 0, 7, 0),
    }


@pytest.mark.parametrize(
    ("fields", "expected_ms"),
    [
        ({"end_time": None}, BEGAN_MS),
        ({"end_time": None, "start_time": 7}, BEGAN_MS + 2 * MINUTE_MS),
        ({"end_time": "2026-08-01T12:02:00"}, BEGAN_MS + 2 * MINUTE_MS),
        ({"end_time": "2026-07-01T12:02:00"}, BEGAN_MS - 31 * 86_400_000 + 122 * MINUTE_MS),
    ],
    ids=["not ended", "no times", "local clock", "copied file"],
)
def test_totals_belong_to_the_time_of_saving(home: Path, fields: Fields, expected_ms: int) -> None:
    """Older versions wrote the local clock without its zone: then the file's time tells it."""
    path = save(home, meta(stats(1, 1)) | fields, changed_ms=BEGAN_MS + 2 * MINUTE_MS)

    (one,) = reading(SOURCE, path, home).sightings

    assert one.instant_ms == expected_ms


@pytest.mark.parametrize(
    ("config", "provider", "model"),
    [
        ({"active_model": "x", "models": MODELS}, "", "x"),
        ({"active_model": {"alias": "x", "name": "y", "provider": "p"}}, "p", "y"),
        ({"active_model": "x", "models": {"x": {"name": "y"}}}, "", "y"),
        ({"active_model": "x", "models": {"x": 7}}, "", "x"),
        ({"models": 7}, "", "unknown"),
        (7, "", "unknown"),
    ],
)
def test_an_alias_stands_for_a_configured_model(
    home: Path, config: object, provider: str, model: str
) -> None:
    """The configuration lies beside the totals."""
    (one,) = read(home, meta(stats(1, 1), config=config)).sightings

    assert one.model[:2] == (provider, model)


def test_what_is_no_total_is_told(home: Path) -> None:
    """A torn file is bad, another shape unknown, none at all is a session that did nothing."""
    assert read(home, b'{"stats": {').tally.bad_lines == 1
    assert read(home, meta({"tokens": 5})).tally.sample == "tokens"
    assert read(home, meta(7)).tally.unknown == 1
    assert read(home, meta(None)).tally.unknown == 0
    assert list(read(home, meta(stats(0, 0))).sightings) == []


def test_a_title_is_the_sessions_own(home: Path) -> None:
    """Titles are read from the log on demand."""
    source, path = sourced(SOURCE), save(home, meta(stats(1, 1), title="Repairs"))

    assert source.title_of(path, SESSION) == "Repairs"
    assert source.resume_command(SESSION) == f"vibe --resume {SESSION}"
    assert source.retention(Surroundings(home, {}, "linux")) == ""


def test_where_the_logs_lie(home: Path) -> None:
    """2.12: one folder, and a variable that replaces it."""
    assert folders(SOURCE, home) == ["~/.vibe/logs/session"]
    assert folders(SOURCE, home, VIBE_HOME="/v") == ["/v/logs/session"]
    assert sourced(SOURCE).wants("/x/session_1/meta.json")
    assert not sourced(SOURCE).wants("/x/session_1/meta.json.tmp")


COUNTS = st.integers(0, 90_000)


@given(
    looks=st.lists(st.tuples(COUNTS, COUNTS, COUNTS), min_size=1, max_size=5),
    random=st.randoms(use_true_random=False),
    spaces=st.sampled_from([None, 0, 3]),
)
def test_growth_amounts_to_what_a_second_reader_finds(
    tmp_path_factory: pytest.TempPathFactory,
    looks: list[tuple[int, int, int]],
    random: Random,
    spaces: int | None,
) -> None:
    """4.2: keys in any order, any spacing, any number of looks."""
    home, cursor, found = tmp_path_factory.mktemp("odd"), None, (0, 0)
    for prompt, cached, output in looks:
        told_now = shuffled(random, meta(stats(prompt, output, cached)))
        path = save(home, json.dumps(told_now, indent=spaces).encode())
        one = reading(SOURCE, path, home, cursor)
        cursor = one.cursor
        for told in one.sightings:
            prompts = (told.input or 0) + (told.cache_read or 0)
            found = (found[0] + prompts, found[1] + (told.output or 0))

    assert found == reference(looks)


def reference(looks: list[tuple[int, int, int]]) -> tuple[int, int]:
    """Return the prompts and outputs that looks at totals amount to."""
    prompts = outputs = 0
    last = (0, 0, 0)
    for look in looks:
        went_on = all(now >= before for now, before in zip(look, last, strict=True))
        prompts += look[0] - (last[0] if went_on else 0)
        outputs += look[2] - (last[2] if went_on else 0)
        last = look
    return prompts, outputs

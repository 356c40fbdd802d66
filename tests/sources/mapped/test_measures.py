"""What a mapping measures beside tokens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.mapped.logs import configured, mapping, plain, read, record, spelt, written
from tests.sources.road import Road
from tokwatch.model.measure import Measure
from tokwatch.store.read.every import measures

AT_MS = 1_785_578_401_000
SCORE = """[MAPPING.measure.score]
value = "eval.score"
unit = "points"
tags = { suite = "eval.suite", run = "eval.run" }
"""


def scored(score: object, number: int = 1, **eval_: object) -> dict[str, object]:
    """Return a record that is no request, with a score."""
    return {"ts": f"2026-08-01T10:00:{number:02}Z", "eval": {"score": score, **eval_}}


def test_a_measure_has_value_unit_tags_and_time(home: Path) -> None:
    found = read(mapping(more=SCORE), home, scored(0.5, suite="s\x1b1", run=7))

    assert found.measures == (
        Measure("score", AT_MS, 0.5, "points", (("run", "7"), ("suite", "s1")), "0"),
    )
    assert (found.sightings, found.tally.unknown) == ([], 0)


def test_one_record_may_be_a_request_and_several_measures(home: Path) -> None:
    more = f'{SCORE}[MAPPING.measure.seconds]\nvalue = "took"\n'

    found = read(mapping(more=more), home, record(1, eval={"score": 1}, took="2.5"))

    assert len(found.sightings) == 1
    assert [(one.name, one.value) for one in found.measures] == [("score", 1.0), ("seconds", 2.5)]


def test_a_record_may_name_its_measure_and_its_time(home: Path) -> None:
    more = '[MAPPING.measure.any]\nname = "metric"\nvalue = "v"\ntime = ["at", "ts"]\n'

    found = read(
        mapping(more=more),
        home,
        {"metric": "coverage", "v": 81, "at": "2026-08-01T10:00:01Z", "ts": "later"},
        {"v": True, "ts": "2026-08-01T10:00:01Z"},
    )

    assert [(one.name, one.value, one.instant_ms) for one in found.measures] == [
        ("coverage", 81.0, AT_MS),
        ("any", 1.0, AT_MS),
    ]


def test_a_measure_has_conditions_of_its_own(home: Path) -> None:
    text = plain().replace('time = "ts"', 'time = "ts"\nwhere = { event = "done" }')
    more = '[mapping.my-gateway.measure.score]\nvalue = "n"\nwhere = { event = "eval" }\n'
    at = {"ts": "2026-08-01T10:00:01Z"}

    found = read(
        text + more,
        home,
        {**at, "event": "done", "input": 5, "model": "m", "n": 1},
        {**at, "event": "eval", "input": 6, "model": "m", "n": 2},
    )

    assert [one.input for one in found.sightings] == [5]
    assert [one.value for one in found.measures] == [2.0]


@pytest.mark.parametrize(
    ("strange", "tallied"),
    [
        (scored("good"), "unknown"),
        (scored([1]), "unknown"),
        (scored(float("nan")), "unknown"),
        ({"eval": {"score": 1}}, "undated"),
    ],
)
def test_what_is_no_value_or_has_no_time_is_counted_as_such(
    home: Path, strange: object, tallied: str
) -> None:
    found = read(mapping(more=SCORE), home, strange, scored(1, 2))

    assert [one.value for one in found.measures] == [1.0]
    assert getattr(found.tally, tallied) == 1


def test_measures_are_kept_once_however_often_a_log_is_read(home: Path, tmp_path: Path) -> None:
    configured(mapping(more=SCORE))
    log = written(home, spelt(scored(1), record(1), scored(2, 2)))
    for content in (log.read_bytes(), log.read_bytes()[:40], log.read_bytes()):
        log.write_bytes(content)
        road = Road(home, tmp_path / "data")
        road.read()
        found = measures(road.view, "score")
        road.close()

    assert [one.value for one in found] == [1.0, 2.0]


def test_a_user_of_the_settings_owns_the_measures_that_name_none(
    home: Path, tmp_path: Path
) -> None:
    configured(f'[general]\nuser = "ana"\n{mapping(more=SCORE.replace("run =", "user ="))}')
    written(home, spelt(scored(1), scored(2, 2, run="ben")))
    road = Road(home, tmp_path / "data")
    road.read()
    found = measures(road.view, "score")
    road.close()

    assert [one.tags for one in found] == [(("user", "ana"),), (("user", "ben"),)]

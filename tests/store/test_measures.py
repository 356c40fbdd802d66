"""Measures: written once, whoever tells them again, and read as series over time."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.store import facts
from tests.store.worlds import NOON_MS, request, script, whole
from tokwatch.model.measure import Measure
from tokwatch.model.usage import Slice
from tokwatch.store.connect import Database
from tokwatch.store.measures import add_measures
from tokwatch.store.read.every import measure_names, measure_series, measures
from tokwatch.store.read.measures import MeasureBucket, MeasureName
from tokwatch.store.store import workspace_id
from tokwatch.store.view import View, open_view

MINUTE_MS = 60_000
SCORE = Measure("score", NOON_MS, 0.5, "points", (("run", "a"),), "track")


def local(database: Database, *observed: Measure) -> View:
    """Write measures into the workspace and return the view of it."""
    workspace = workspace_id(database, "local")
    assert workspace is not None
    add_measures(database, workspace, observed)
    return open_view(database, "local")


def test_the_same_observation_is_written_once(database: Database) -> None:
    local(database)

    assert add_measures(database, 1, [SCORE, SCORE._replace(instant_ms=NOON_MS + 1)]) == 2
    assert add_measures(database, 1, [SCORE]) == 0
    assert add_measures(database, 1, [SCORE._replace(value=0.75)]) == 1
    assert add_measures(database, 1, [SCORE._replace(value=0.75, unit="%")]) == 1

    rows = database.rows("SELECT value, unit, tags, origin, log FROM measure ORDER BY instant_ms")
    assert rows == [
        (0.75, "%", '{"run": "a"}', "track", 0),
        (0.5, "points", '{"run": "a"}', "track", 0),
    ]


@pytest.mark.parametrize(
    "other",
    [
        SCORE._replace(name="time"),
        SCORE._replace(origin="elsewhere"),
        SCORE._replace(tags=()),
        SCORE._replace(tags=(("run", "a"), ("os", "b"))),
        SCORE._replace(instant_ms=NOON_MS + 1),
    ],
)
def test_another_name_place_tag_or_instant_is_another_observation(
    database: Database, other: Measure
) -> None:
    view = local(database, SCORE, other)

    assert sum(one.observations for one in measure_names(view)) == 2


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_finite_number_or_instant_is_no_observation(
    database: Database, value: float
) -> None:
    view = local(database, SCORE._replace(value=value), SCORE._replace(instant_ms=2**70))

    assert measure_names(view) == []


def test_names_are_told_with_their_units_and_times(database: Database) -> None:
    view = local(
        database,
        SCORE,
        SCORE._replace(instant_ms=NOON_MS + 5),
        SCORE._replace(name="build", unit="s"),
    )

    assert measure_names(view) == [
        MeasureName("build", "s", 1, NOON_MS, NOON_MS),
        MeasureName("score", "points", 2, NOON_MS, NOON_MS + 5),
    ]
    assert [one.name for one in measure_names(view, Slice(NOON_MS + 1))] == ["score"]
    assert measure_names(view, Slice(0, NOON_MS)) == []


def test_a_series_has_a_bucket_for_each_stretch_with_observations(database: Database) -> None:
    base = NOON_MS // MINUTE_MS * MINUTE_MS
    values = [(0, 4.0), (30_000, 1.0), (59_999, 2.5), (3 * MINUTE_MS, -1.0)]
    view = local(
        database,
        *(SCORE._replace(instant_ms=base + after, value=value) for after, value in values),
        SCORE._replace(name="other", instant_ms=base),
    )

    assert measure_series(view, "score", bucket_ms=MINUTE_MS) == [
        MeasureBucket(base, 3, 1.0, 4.0, 2.5, 2.5),
        MeasureBucket(base + 3 * MINUTE_MS, 1, -1.0, -1.0, -1.0, -1.0),
    ]
    assert [one.last for one in measure_series(view, "score")] == [4.0, 1.0, 2.5, -1.0]
    part = Slice(base + 1, base + MINUTE_MS)
    assert [one.last for one in measure_series(view, "score", part)] == [1.0, 2.5]
    assert measure_series(view, "unknown") == []


def test_of_two_values_at_one_instant_the_larger_is_the_last(database: Database) -> None:
    view = local(database, SCORE._replace(value=1.0), SCORE._replace(value=3.0, origin="b"))

    [bucket] = measure_series(view, "score")

    assert bucket == MeasureBucket(NOON_MS, 2, 1.0, 3.0, 2.0, 3.0)


def test_a_series_can_be_of_some_tags(database: Database) -> None:
    tagged = {
        1.0: (("os", "linux"), ("run", 'a"b')),
        2.0: (("os", "linux"), ("run", "c")),
        3.0: (("run", 'a"b'),),
        4.0: (("xos", "linux"), ("os2", "linux")),
        5.0: (('x"os', "linux"), ("é", "ü%_?")),
    }
    view = local(
        database, *(SCORE._replace(value=value, tags=tags) for value, tags in tagged.items())
    )

    def found(*tags: tuple[str, str]) -> set[float]:
        series = measure_series(view, "score", tags=tags)
        return {one.least for one in series} | {one.most for one in series}

    assert found(("os", "linux")) == {1.0, 2.0}
    assert found(("run", 'a"b')) == {1.0, 3.0}
    assert found(("run", 'a"b'), ("os", "linux")) == {1.0}
    assert found(("é", "ü%_?")) == {5.0}
    assert found(("os", "lin")) == set()


def test_observations_are_told_one_by_one(database: Database) -> None:
    later = SCORE._replace(instant_ms=NOON_MS + 5, tags=(("os", "linux"), ("run", "b")))
    view = local(database, later, SCORE, SCORE._replace(name="other"))

    assert measures(view, "score") == [SCORE, later]
    assert measures(view, "score", Slice(NOON_MS + 1)) == [later]
    assert measures(view, "score", tags=(("run", "a"),)) == [SCORE]


def test_what_a_log_measured_goes_when_the_log_is_read_otherwise(database: Database) -> None:
    writer = facts.open_writer(database)
    told = whole(script("/logs/a.jsonl", request(1))).reading
    measured = replace(told, measures=(SCORE, SCORE._replace(origin="100")))
    view = local(database, SCORE)

    writer.add([measured])
    writer.add([measured])
    assert [one.observations for one in measure_names(view)] == [3]

    writer.add([replace(told, cursor=replace(told.cursor, version=2))])
    assert [one.observations for one in measure_names(view)] == [1]


def test_workspaces_keep_measures_of_their_own(database: Database) -> None:
    mine = local(database, SCORE)
    other = workspace_id(database, "theirs")
    assert other is not None

    assert add_measures(database, other, [SCORE._replace(value=9.0)]) == 1

    theirs = open_view(database, "theirs")
    assert [measure_series(view, "score")[0].last for view in (mine, theirs)] == [0.5, 9.0]

"""`tokwatch track` records a measure, `tokwatch measures` prints what was recorded."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.reports import World
from tests.sources.mapped.logs import configured, mapping, spelt, written
from tokwatch.ingest.lock import IngestLock
from tokwatch.store.connect import open_database

NOON_MS = 1_772_366_400_000
"""2026-03-01 12:00 UTC."""


def tracked(world: World, *arguments: str) -> None:
    """Record a measure."""
    assert world.run("track", *arguments).code == 0


def test_a_measure_is_recorded_with_unit_tags_and_time(world: World) -> None:
    printed = world.run(
        *("track", "coverage", "81.5", "--unit", "%", "--tag", "suite=unit", "--tag", "os=a=b"),
        *("--at", "2026-03-01T12:00Z"),
    )

    assert printed.out == "coverage 81.5 % os=a=b suite=unit is recorded.\n"
    assert world.run("measures", "coverage", "--json").json == {
        "name": "coverage",
        "values": [
            {
                "instantMs": NOON_MS,
                "value": 81.5,
                "unit": "%",
                "tags": {"os": "a=b", "suite": "unit"},
            }
        ],
    }


def test_json_says_what_was_recorded(world: World) -> None:
    told = world.run("track", "n", "-5", "--at", "2026-03-01T12:00Z", "--json").json

    assert told == {"name": "n", "instantMs": NOON_MS, "value": -5.0, "unit": "", "tags": {}}


def test_a_time_without_a_zone_is_of_the_settings(world: World) -> None:
    configured('[general]\ntimezone = "Europe/Berlin"\n')

    tracked(world, "n", "1", "--at", "2026-03-01 13:00")

    assert world.run("measures", "n", "--json").json["values"][0]["instantMs"] == NOON_MS
    assert "2026-03-01 13:00:00  1" in world.run("measures", "n").out


def test_the_same_time_and_tags_once_more_replace_the_value(world: World) -> None:
    for value in ("1", "2"):
        tracked(world, "n", value, "--at", "2026-03-01")
    tracked(world, "n", "3", "--at", "2026-03-01", "--tag", "a=b")

    values = world.run("measures", "n", "--json").json["values"]
    assert [value["value"] for value in values] == [3.0, 2.0]


def test_without_a_time_each_one_counts(world: World) -> None:
    for _ in range(3):
        tracked(world, "n", "1")

    assert world.run("measures", "--json").json["measures"][0]["observations"] == 3


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("n", "many"), "VALUE 'many' is not a number."),
        (("n", "nan"), "VALUE 'nan' is not a number."),
        (("n", "1e999"), "VALUE '1e999' is not a number."),
        (("\x1b", "1"), "NAME is empty."),
        (("n", "1", "--tag", "a"), "--tag 'a' is no tag."),
        (("n", "1", "--tag", "=b"), "--tag '=b' is no tag."),
        (("n", "1", "--tag", "a="), "--tag 'a=' is no tag."),
        (("n", "1", "--tag", "a=b", "--tag", "a=c"), "--tag a is given twice"),
        (("n", "1", "--at", "noon"), "--at 'noon' is not a time."),
        (("n", "1", "--at", "1960-01-01"), "--at '1960-01-01' is not a time."),
    ],
)
def test_what_cannot_be_recorded_is_told(
    world: World, arguments: tuple[str, ...], told: str
) -> None:
    printed = world.run("track", *arguments)

    assert told in printed.err
    assert printed.code == 2
    assert not world.data.exists()


def test_names_are_made_safe(world: World) -> None:
    tracked(world, "a\x1b[31mb", "1", "--unit", "\x07u", "--tag", "k\x00=v\u202e")

    told = world.run("measures", "a[31mb", "--json").json["values"][0]
    assert (told["unit"], told["tags"]) == ("u", {"k": "v"})


def test_a_user_of_the_settings_owns_what_is_recorded(world: World) -> None:
    configured('[general]\nuser = "ana"\n')

    tracked(world, "n", "1")

    assert world.run("measures", "n", "--json").json["values"][0]["tags"] == {"user": "ana"}


def test_it_does_not_wait_for_the_process_that_reads_logs(world: World) -> None:
    tracked(world, "n", "1")
    lock = IngestLock(world.data)
    assert lock.acquire()

    tracked(world, "n", "2")

    lock.release()
    assert world.run("measures", "--json").json["measures"][0]["observations"] == 2


def test_a_store_is_not_made_under_the_hands_of_another_process(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokwatch.ingest.lock.PATIENCE_S", 0.0)
    world.data.mkdir()
    lock = IngestLock(world.data)
    assert lock.acquire()

    printed = world.run("track", "n", "1")

    lock.release()
    assert "reads logs into the store" in printed.err
    assert printed.code == 1


def test_many_programs_may_record_at_once(world: World, repository: Path) -> None:
    tracked(world, "n", "0")
    code = (
        "import sys\nfrom tokwatch.cli import main\n"
        "for n in range(20): main(['--data', sys.argv[1], 'track', 'n', str(n)])"
    )
    command = [sys.executable, "-c", code, str(world.data)]
    programs = [
        subprocess.Popen(command, cwd=repository, stdout=subprocess.DEVNULL) for _ in range(3)
    ]

    assert [program.wait() for program in programs] == [0, 0, 0]
    assert world.run("measures", "--json").json["measures"][0]["observations"] == 61


@pytest.fixture
def coverage(world: World) -> World:
    """Return a store with a measure of three days and another one."""
    for day, value in ((1, 80), (2, 82.5), (2, 81), (4, 90)):
        tag = f"run={value}"
        tracked(
            world, "coverage", str(value), "--unit", "%", "--tag", tag, "--at", f"2026-03-0{day}"
        )
    tracked(world, "builds", "7", "--at", "2026-03-03T12:00")
    return world


def test_what_there_is_is_listed_by_name(coverage: World) -> None:
    assert coverage.run("measures").out.splitlines() == [
        "name      unit  observations  first                last",
        "builds          1             2026-03-03 12:00:00  2026-03-03 12:00:00",
        "coverage  %     4             2026-03-01 00:00:00  2026-03-04 00:00:00",
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), [80, 81, 82.5, 90]),
        (("--since", "2026-03-02"), [81, 82.5, 90]),
        (("--until", "20260302"), [80, 81, 82.5]),
        (("--since", "2026-03-02", "--until", "2026-03-03"), [81, 82.5]),
        (("--tag", "run=81"), [81]),
        (("--tag", "run=8"), []),
    ],
)
def test_values_are_narrowed_down(
    coverage: World, arguments: tuple[str, ...], expected: list[float]
) -> None:
    printed = coverage.run("measures", "coverage", "--json", *arguments)

    assert sorted(value["value"] for value in printed.json["values"]) == expected
    assert printed.code == (0 if expected else 1)


def test_stretches_have_least_mean_and_most(coverage: World) -> None:
    told = coverage.run("measures", "coverage", "--every", "1d", "--json").json["values"]

    assert [(one["observations"], one["least"], one["most"], one["mean"]) for one in told] == [
        (1, 80.0, 80.0, 80.0),
        (2, 81.0, 82.5, 81.75),
        (1, 90.0, 90.0, 90.0),
    ]


def test_csv_has_exact_figures_and_no_formulas(coverage: World) -> None:
    tracked(coverage, "exact", "0.1000000000000001", "--unit", "=1+1", "--at", "2026-03-01")

    rows = list(csv.reader(io.StringIO(coverage.run("measures", "exact", "--csv").out)))

    assert rows == [
        ["instantMs", "value", "unit", "tags"],
        ["1772323200000", "0.1000000000000001", "'=1+1", ""],
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("coverage", "--every", "1y"), "--every '1y' is no length of time."),
        (("coverage", "--since", "then"), "--since 'then' is not a date."),
        (("--tag", "a=b"), "--tag and --every go with a NAME."),
    ],
)
def test_what_cannot_be_asked_is_told(world: World, arguments: tuple[str, ...], told: str) -> None:
    printed = world.run("measures", *arguments)

    assert told in printed.err
    assert printed.code == 2


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ((), ""),
        (("--csv",), "name,unit,observations,firstMs,lastMs\n"),
        (("--json",), '{\n  "schemaVersion": 1,\n  "measures": []\n}\n'),
    ],
)
def test_an_empty_store_holds_nothing(world: World, form: tuple[str, ...], expected: str) -> None:
    printed = world.run("measures", *form)

    assert (printed.out, printed.code) == (expected, 0)
    assert "nothing is measured yet" in printed.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("n\x1b[31m",), "there is no measure 'n?[31m'"),
        (("builds", "--since", "2026-03-09"), "with these days and tags"),
    ],
)
def test_what_was_never_measured_is_told(
    coverage: World, arguments: tuple[str, ...], told: str
) -> None:
    printed = coverage.run("measures", *arguments)

    assert told in printed.err
    assert (printed.out, printed.code) == ("", 1)


def test_what_logs_measured_and_what_was_recorded_stand_together(world: World, home: Path) -> None:
    configured(mapping(more='[MAPPING.measure.score]\nvalue = "score"\n'))
    tracked(world, "score", "0.75", "--at", "2026-03-02")
    written(home, spelt({"ts": "2026-03-01T12:00:00Z", "score": 0.5}))

    for options, expected in ((["--no-refresh"], [0.75]), ([], [0.5, 0.75])):
        values = world.run("measures", "score", "--json", *options).json["values"]
        assert [value["value"] for value in values] == expected


def test_a_workspace_has_its_own(world: World) -> None:
    tracked(world, "n", "1")
    configured('[general]\nworkspace = "other"\n')
    tracked(world, "n", "2")

    assert [v["value"] for v in world.run("measures", "n", "--json").json["values"]] == [2.0]
    database = open_database("", world.data, read_only=True)
    assert database.value("SELECT count(*) FROM measure") == 2
    database.close()

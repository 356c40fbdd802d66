"""`tokwatch triage`: the same as on the screen, in three forms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.cli.reports import World
from tests.store.build import Made
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.model.units import QUARTER_MS

MINUTE_MS = 60_000
CENT = 10_000_000
RANGE = ("--from", "2026-03-23T12:00Z", "--to", "2026-03-23T12:30Z")
NOON_MS = epoch_ms(datetime(2026, 3, 23, 12, 0, tzinfo=UTC))


@pytest.fixture
def spike(world: World) -> World:
    """Return a store with a half an hour that one session made dear."""
    calm = [
        Made(NOON_MS + minute * MINUTE_MS, session="calm", computed_nano=3 * CENT)
        for minute in range(-90, 30, 10)
    ]
    sick = [
        Made(NOON_MS + minute * MINUTE_MS, session="sick", project="/code/till",
             model="opus|5", agent="a1", computed_nano=100 * CENT)
        for minute in range(2, 20, 2)
    ]  # fmt: skip
    world.holds([*calm, *sick])
    return world


def test_the_text_says_what_happened(spike: World) -> None:
    done = spike.run("triage", *RANGE, "--no-refresh")

    assert (done.code, done.err) == (0, "")
    assert "Mon 23 Mar 12:00–12:30, 30 min" in done.out
    assert "the time before, scaled by 1/3" in done.out
    assert "A cost $9.09, expected $0.09 (+$9.00, 101×)." in done.out
    assert "session    sick" in done.out
    assert "why: cost bridge" in done.out
    assert "new project" in done.out


def test_json_is_exact_and_its_parts_add_up(spike: World) -> None:
    told = spike.run("triage", *RANGE, "--json", "--no-refresh").json

    assert told["a"]["from"] == "2026-03-23T12:00:00Z"
    assert told["a"]["costNano"] == 9 * 100 * CENT + 3 * 3 * CENT
    assert (told["b"]["against"], told["b"]["scale"]) == ("prev", "1/3")
    assert told["expectedNano"] == 9 * CENT
    assert told["differenceNano"] == told["a"]["costNano"] - told["expectedNano"]
    assert told["residualNano"] == 0
    assert sum(step["costNano"] for step in told["bridge"]) == told["differenceNano"]
    names = {one["dimension"] for one in told["contributions"]}
    assert names == {"session", "project", "model", "agent", "source", "provider", "branch"}
    for name in names:
        parts = [one for one in told["contributions"] if one["dimension"] == name]
        assert sum(one["differenceNano"] for one in parts) == told["differenceNano"]
    first = told["contributions"][0]
    assert (first["value"], first["requests"]) == ("sick", 9)
    assert Decimal(str(first["costUSD"])) == Decimal(first["costNano"]).scaleb(-9)
    assert {one["what"] for one in told["events"]} == {"new model", "new project", "new session"}
    assert told["hasHistory"] is False


def test_markdown_is_for_the_incident(spike: World) -> None:
    out = spike.run("triage", *RANGE, "--md", "--by", "model", "--no-refresh").out
    assert out.startswith("# Cost triage, Mon 23 Mar 12:00–12:30 (")
    assert r"| model | opus\|5 | $9.00 | $0.00 | +$9.00 | 100% |" in out
    assert "| session |" not in out


def test_by_lists_all_values_of_a_dimension(spike: World) -> None:
    out = spike.run("triage", *RANGE, "--by", "session", "--by", "agent", "--no-refresh").out
    assert [line.split()[1] for line in out.splitlines() if line.startswith("  session ")] == [
        "sick",
        "calm",
    ]
    assert "sub-agent" in out
    assert "project    " not in out
    told = spike.run("triage", *RANGE, "--by", "model", "--json", "--no-refresh").json
    assert {one["dimension"] for one in told["contributions"]} == {"model"}


@pytest.mark.parametrize(
    ("against", "begin", "end", "kind"),
    [
        ("week", "2026-03-16T12:00:00Z", "2026-03-23T12:00:00Z", "week"),
        ("yesterday", "2026-03-22T12:00:00Z", "2026-03-22T12:30:00Z", "yesterday"),
        ("2026-03-23T10:31Z..2026-03-23T11:00Z", "2026-03-23T10:30:00Z", "2026-03-23T11:00:00Z",
         None),
    ],
)  # fmt: skip
def test_baselines(spike: World, against: str, begin: str, end: str, kind: str | None) -> None:
    told = spike.run("triage", *RANGE, "--against", against, "--json", "--no-refresh").json["b"]
    assert (told["from"], told["to"], told["against"]) == (begin, end, kind)


def test_without_a_range_it_takes_the_last_day(world: World) -> None:
    now_ms = epoch_ms(datetime.now(UTC))
    world.holds([Made(now_ms - 2 * QUARTER_MS, computed_nano=5 * CENT)])

    told = world.run("triage", "--json", "--no-refresh").json

    assert told["a"]["costNano"] == 5 * CENT
    begin, end = (datetime.fromisoformat(told["a"][name]) for name in ("from", "to"))
    assert timedelta(hours=23) < end - begin <= timedelta(hours=25)
    assert told["times"] is None


@pytest.mark.parametrize(
    "arguments",
    [
        ("--to", "13:00"),
        ("--from", "soon"),
        ("--from", "2026-03-23", "--to", "2026-03-22"),
        (*RANGE, "--against", "tomorrow"),
        (*RANGE, "--against", "2026-03-23T11:00Z..2026-03-23T10:00Z"),
    ],
)
def test_wrong_times_end_with_2(spike: World, arguments: tuple[str, ...]) -> None:
    done = spike.run("triage", *arguments, "--no-refresh")
    assert done.code == 2
    assert done.err


def test_without_a_store_it_says_so(world: World) -> None:
    done = world.run("triage", *RANGE, "--no-refresh")
    assert done.code == 1
    assert "nothing to triage yet" in done.err
    world.holds([])
    assert world.run("triage", *RANGE, "--no-refresh").code == 1

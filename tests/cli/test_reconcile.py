"""`tokwatch reconcile` on a store of hand-made requests and reports: words, forms, exit codes."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.cli.reports import DAY_MS, HOUR_MS, MARCH_MS, Printed, World
from tests.store.build import Made
from tests.transcripts import append, response, transcript
from tokwatch.model.endpoint import Bucket, EndpointState, Replaced
from tokwatch.store.endpoints import write_polled
from tokwatch.store.store import open_store, workspace_id

CENT = 10_000_000
DAY = ("--since", "2026-03-23", "--until", "2026-03-23")
OPUS = Bucket("usage", MARCH_MS + 9 * HOUR_MS, HOUR_MS, "claude-opus-4-5-20251101", "anthropic")
"""What the provider says of the request that `Made` makes."""
AGREES = OPUS._replace(
    requests=1, input=100, cache_read=800, cache_write_5m=60, cache_write_1h=40, output=50
)
BILL = Bucket("cost", MARCH_MS, DAY_MS, item="Claude Opus 4.5", cost_nano=CENT)


def told(
    world: World,
    *buckets: Bucket,
    name: str = "org",
    kind: str = "anthropic-admin",
    part: str = "usage",
    at_ms: int = MARCH_MS + 9 * DAY_MS,
) -> None:
    """Write what a part of an endpoint told, and when it was read last."""
    database = open_store("", world.data)
    state = EndpointState(name, part, kind, succeeded_ms=at_ms)
    ranges = [Replaced(report, 0, at_ms) for report in {bucket.report for bucket in buckets}]
    write_polled(database, workspace_id(database, "local") or 0, state, ranges, buckets)
    database.close()


def ask(world: World, *arguments: str) -> Printed:
    """Reconcile one day without looking at logs; it always succeeds."""
    printed = world.run("reconcile", "--no-refresh", *DAY, *arguments)
    assert printed.code == 0, printed.err
    return printed


def rows(world: World, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(world, *arguments, "--json").json["rows"]
    return found


def reasons(world: World) -> dict[str, list[str]]:
    """Return the likely reasons, by report."""
    return {
        f"{row['endpoint']} {row['report']}": [one["reason"] for one in row["reasons"]]
        for row in rows(world)
    }


@pytest.fixture
def filled(world: World) -> World:
    """Return a store of one request, one unpriced one, and reports of three endpoints."""
    at_ms = MARCH_MS + 9 * HOUR_MS
    world.holds(
        [
            Made(at_ms),
            Made(at_ms, model="mystery", provider="vendor", computed_nano=None),
        ]
    )
    told(world, AGREES)
    told(world, BILL._replace(cost_nano=2 * CENT), part="cost")
    through = AGREES._replace(
        report="litellm", model="anthropic/claude-opus-4.5", input=900, cache_read=None, key="ci"
    )
    told(world, through, name="proxy", kind="litellm", part="metrics")
    return world


def test_logs_gateway_and_provider_stand_side_by_side(filled: World) -> None:
    found = {(row["endpoint"], row["report"]): row for row in rows(filled)}

    usage, bill = found["org", "usage"], found["org", "cost"]
    assert usage["day"] == "2026-03-23"
    assert usage["model"] == "claude-opus-4-5"
    assert usage["toldAs"] == ["claude-opus-4-5-20251101"]
    assert set(usage["gap"].values()) == {0, None}
    assert usage["says"]["costNano"] is None
    assert usage["reasons"] == []
    assert (bill["model"], bill["logs"]["costNano"]) == (None, CENT)
    assert (bill["gap"]["costNano"], bill["gap"]["tokens"]) == (CENT, None)
    assert [one["reason"] for one in bill["reasons"]] == ["rates"]
    proxy = found["proxy", "litellm"]
    assert proxy["gap"] == {
        **{"requests": 0, "input": 800, "cacheRead": None, "cacheWrite": 0, "output": 0},
        **{"costNano": None, "tokens": 800},
    }
    assert [one["words"] for one in proxy["reasons"]] == ["its input holds 800 cached tokens"]


def test_totals_are_by_report_and_what_none_tells_is_said(filled: World) -> None:
    document = ask(filled, "--json").json

    totals = {(one["endpoint"], one["report"]): one for one in document["totals"]}
    assert totals["org", "usage"]["says"]["tokens"] == 1_050
    assert totals["org", "cost"]["gap"]["costNano"] == CENT
    assert (document["untoldTokens"], document["untoldModels"]) == (1_050, ["mystery"])
    assert document["zone"] == "UTC"
    assert (document["since"], document["until"]) == ("2026-03-23", "2026-03-23")


def test_the_table_tells_the_same(filled: World) -> None:
    out = ask(filled).out
    lines = [line.split() for line in out.splitlines()]

    assert ["org", "usage", "1,050", "1,050", "0", "n/a", "n/a", "n/a"] in lines
    assert ["org", "cost", "n/a", "n/a", "n/a", "$0.0100", "$0.0200", "+$0.0100"] in lines
    assert ["logs", "1", "100", "800", "100", "50", "$0.0100"] in [line[-7:] for line in lines]
    assert ["gap", "0", "+800", "n/a", "0", "0", "n/a"] in lines
    assert "its input holds 800 cached tokens" in out
    assert "claude-opus-4-5 is also called anthropic/claude-opus-4.5" in out
    assert "1,050 tokens of 1 model are told by no report" in out
    assert "1 comparison agrees exactly." in out


def test_csv_has_a_line_for_each_comparison(filled: World) -> None:
    found = list(csv.DictReader(io.StringIO(ask(filled, "--csv").out)))

    assert [(row["endpoint"], row["report"]) for row in found] == [
        ("org", "usage"),
        ("proxy", "litellm"),
        ("org", "cost"),
    ]
    assert (found[1]["gap_input"], found[1]["gap_cacheRead"]) == ("800", "")
    assert found[1]["reasons"] == "its input holds 800 cached tokens"


class Cells(HTMLParser):
    """Collects what stands in the cells of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def test_markdown_and_html_have_the_tables(filled: World) -> None:
    markdown, page = ask(filled, "--md").out, ask(filled, "--html").out
    cells = Cells()
    cells.feed(page)

    assert "| 2026-03-23 | claude-opus-4-5 | proxy litellm | its input holds 800" in markdown
    assert "## By day and model" in markdown
    assert "its input holds 800 cached tokens" in cells.found
    assert "<script" not in page


def test_a_model_is_meant_by_any_of_its_names(filled: World) -> None:
    assert len(rows(filled, "--model", "anthropic/*")) == 1
    assert len(rows(filled, "--model", "claude-opus-4-5")) == 2
    assert rows(filled, "--model", "gpt-*") == []
    assert "No report tells of gpt-*" in ask(filled, "--model", "gpt-*").out


@pytest.mark.parametrize(
    ("read_ms", "why"),
    [(MARCH_MS + 10 * HOUR_MS, ["late"]), (MARCH_MS + 11 * HOUR_MS, ["not-through-it"])],
)
def test_a_report_is_late_up_to_its_last_open_bucket(
    world: World, read_ms: int, why: list[str]
) -> None:
    world.holds([Made(MARCH_MS + 8 * HOUR_MS), Made(MARCH_MS + 9 * HOUR_MS)])
    told(world, AGREES._replace(begin_ms=MARCH_MS + 8 * HOUR_MS), at_ms=read_ms)

    assert reasons(world) == {"org usage": why}


def test_what_was_before_the_first_figure_is_told_apart(world: World) -> None:
    world.holds([Made(MARCH_MS + HOUR_MS), Made(MARCH_MS + 9 * HOUR_MS)])
    told(world, AGREES)

    [row] = rows(world)
    assert [(one["reason"], one["tokens"]) for one in row["reasons"]] == [("earlier", -1_050)]


def test_days_are_those_of_utc_whatever_the_zone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKWATCH_GENERAL__TIMEZONE", "Asia/Tokyo")
    world.holds([Made(MARCH_MS + 20 * HOUR_MS)])
    told(world, AGREES._replace(begin_ms=MARCH_MS + 20 * HOUR_MS))

    assert reasons(world) == {"org usage": []}


def test_the_day_boundary_the_lower_bound_and_another_key(world: World) -> None:
    noon, next_noon = MARCH_MS + 12 * HOUR_MS, MARCH_MS + 36 * HOUR_MS
    world.holds([Made(noon, final=0), Made(next_noon)])
    bucket = AGREES._replace(begin_ms=noon)
    told(world, bucket._replace(input=50), bucket._replace(begin_ms=next_noon, input=150))
    theirs = bucket._replace(key="ci", output=900)
    longer = bucket._replace(output=80)
    told(world, bucket._replace(key="me"), theirs, name="two")
    told(world, longer, name="whole")

    found = ask(world, "--until", "2026-03-24", "--json").json["rows"]
    first = {row["endpoint"]: row["reasons"] for row in found if row["day"] == "2026-03-23"}
    assert (first["org"][0]["reason"], first["org"][0]["day"]) == ("day-boundary", "2026-03-24")
    assert (first["two"][0]["reason"], first["two"][0]["names"]) == ("another-key", ["ci"])
    assert first["two"][0]["words"] == "another key: 1,900 tokens in 1 request by ci"
    assert (first["whole"][0]["reason"], first["whole"][0]["tokens"]) == ("lower-bound", 30)
    assert "1 answer was logged unfinished: 30 tokens at most" in ask(world).out


def test_keys_of_the_logs_and_of_a_gateway_are_told_apart(world: World) -> None:
    at_ms = MARCH_MS + 12 * HOUR_MS
    world.holds([Made(at_ms, key="laptop"), Made(at_ms, key="home")])
    told(world, AGREES._replace(begin_ms=at_ms, key="laptop", output=400), kind="litellm",
         name="proxy")  # fmt: skip
    told(world, AGREES._replace(begin_ms=at_ms, key="laptop", output=1_450), kind="litellm",
         name="busy")  # fmt: skip

    found = {row["endpoint"]: row for row in rows(world)}
    assert found["proxy"]["loggedKeys"] == {"home": 1_050, "laptop": 1_050}
    assert [one["words"] for one in found["proxy"]["reasons"]] == [
        "another key: 700 tokens in 1 request by home, a key that it does not name"
    ]
    assert [one["words"] for one in found["busy"]["reasons"]] == [
        "another machine or unlogged calls: 350 tokens with the same key, laptop"
    ]


def test_an_unpriced_model_is_said_to_be_one(world: World) -> None:
    world.holds([Made(MARCH_MS + HOUR_MS, computed_nano=None)])
    told(world, AGREES._replace(begin_ms=MARCH_MS, cost_nano=CENT))

    assert reasons(world) == {"org usage": ["unpriced"]}
    assert "the logs know no price for 1,050 tokens" in ask(world).out


def test_names_obey_nothing(world: World) -> None:
    world.holds([Made(MARCH_MS + HOUR_MS)])
    evil = AGREES._replace(begin_ms=MARCH_MS, model="<b>\x1b[31m", key="k\x1b]0;x", output=900)
    told(world, evil)

    for form in ((), ("--html",), ("--md",)):
        out = ask(world, *form).out
        assert "\x1b" not in out
    assert "<b>" not in ask(world, "--html").out


def test_without_a_store_or_an_endpoint_it_says_what_to_do(world: World) -> None:
    assert "[endpoint.NAME] in config.toml" in ask(world).out
    assert ask(world, "--json").json["rows"] == []
    world.holds([Made(MARCH_MS)])

    assert "1,050 tokens of 1 model are told by no report" in ask(world).out
    assert ask(world, "--csv").out.startswith("day,model,endpoint,report,logs_requests")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--since", "2026-03-24", "--until", "2026-03-23"), "--since is after --until"),
        (("--since", "soon"), "'soon' is not a date"),
    ],
)
def test_what_makes_no_sense_is_told(world: World, arguments: tuple[str, ...], said: str) -> None:
    printed = world.run("reconcile", "--no-refresh", *arguments)

    assert printed.code == 2
    assert said in printed.err


def test_logs_are_read_first_and_the_last_seven_days_are_meant(world: World, home: Path) -> None:
    at = datetime.now(UTC)
    append(transcript(home), response(1, at=at))

    document = world.run("reconcile", "--json").json

    assert document["untoldTokens"] > 0
    days = [date.fromisoformat(document[end]) for end in ("since", "until")]
    assert days[1] - days[0] == timedelta(days=6)

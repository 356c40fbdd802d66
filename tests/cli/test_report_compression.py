"""`tokwatch report compression`: what runs came to, in four forms."""

from __future__ import annotations

import csv

import pytest
from msgspec.structs import replace

from tests.cli.reports import DAY_MS, MARCH_MS, World
from tests.store.build import Made
from tokwatch.config import load
from tokwatch.model.template import Failure, Run
from tokwatch.prompts.library import record_run

RUN = Run(MARCH_MS, "compress", "gpt-5", (("blanks", 10), ("a|b", 30)), 100, 60, 70, 5, 1, 40)


@pytest.fixture
def told(world: World) -> World:
    """Return a store of two runs on two days, and a request."""
    world.holds([Made(MARCH_MS, input=2_000, cache_read=0, cache_write_5m=0, cache_write_1h=0)])
    config = load(None, world.data, None, {})
    later = replace(RUN, at_ms=MARCH_MS + DAY_MS, model="", failure=Failure.MISSED, after=90)
    for run in (RUN, later):
        record_run(config, run)
    return world


def test_json_tells_ratio_techniques_share_and_failures(told: World) -> None:
    found = told.report("compression", "--json").json

    assert [one["modelName"] for one in found["compression"]] == ["gpt-5", ""]
    totals = found["totals"]
    assert (totals["runs"], totals["failed"], totals["failureRate"]) == (2, 1, 0.5)
    assert (totals["tokensBefore"], totals["tokensAfter"], totals["savedTokens"]) == (200, 150, 50)
    assert totals["ratio"] == pytest.approx(4 / 3)
    assert (totals["promptTokens"], totals["optimisedShare"]) == (2_000, 0.1)
    assert found["techniques"][0] == {"name": "a|b", "runs": 2, "savedTokens": 60}
    assert found["failures"] == {"target missed": 1}


def test_a_range_and_a_model_narrow_it(told: World) -> None:
    day = told.report("compression", "--json", "--until", "2026-03-23", "--timezone", "UTC")
    model = told.report("compression", "--json", "--model", "gpt-*")

    assert day.json["totals"]["runs"] == model.json["totals"]["runs"] == 1


def test_the_table_says_what_came_to_nothing(told: World) -> None:
    text = told.report("compression").out

    assert "gpt-5" in text
    assert "o200k" in text
    assert "1.33x" in text
    assert "50.0% of 2 runs came to nothing: 1 target missed" in text
    assert "10.0% of 2,000 prompt tokens" in text


def test_markdown_and_csv_have_the_same_figures(told: World) -> None:
    markdown = told.report("compression", "--md").out
    rows = list(csv.DictReader(told.report("compression", "--csv").out.splitlines()))

    assert "| total | 2 | 1 | 200 | 150 | 50 |" in markdown
    assert "a\\|b" in markdown
    assert [(row["model"], row["savedTokens"]) for row in rows] == [("gpt-5", "40"), ("", "10")]


def test_without_a_run_it_says_so(world: World) -> None:
    assert world.report("compression").out == "No compression is recorded in this range.\n"
    assert world.report("compression", "--json").json["compression"] == []


def test_what_runs_do_not_tell_cannot_be_asked(world: World) -> None:
    done = world.report("compression", "--project", "shop")

    assert done.code == 2
    assert "neither --source nor --project" in done.err

"""The table, the Markdown and the CSV of a report."""

from __future__ import annotations

import csv
import io

import pytest

from tests.cli.reports import DAY_MS, MARCH_MS, World
from tests.store.build import Made
from tokwatch.cli.report_text import short

BIG = 1_234_567_890


@pytest.mark.parametrize("width", [66, 80, 100, 200])
@pytest.mark.parametrize("kind", ["daily", "session", "block", "model", "project", "agent"])
def test_the_table_fits_the_terminal(
    world: World, monkeypatch: pytest.MonkeyPatch, width: int, kind: str
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    world.holds(
        Made(
            MARCH_MS + day * DAY_MS,
            session=f"8a7b6c5d-0000-4000-8000-00000000000{day}",
            model=f"claude-some-model-with-a-long-name-{day}-20260101",
            project=f"/home/ana/work/a/rather/deep/folder/of/projects/number-{day}",
            cache_read=BIG,
            computed_nano=BIG * 1000,
            final=0,
        )
        for day in range(5)
    )
    lines = world.report(kind).out.splitlines()
    assert len(lines) > 5
    assert max(map(len, lines)) <= width


def test_a_wide_terminal_shows_exact_figures(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    world.holds([Made(MARCH_MS, cache_read=BIG)])
    assert world.report("daily").out == (
        "day         models           input  output  cache write     cache read"
        "          total   cost\n" + "─" * 92 + "\n"
        "2026-03-23  claude-opus-4-5    100      50          100  1,234,567,890"
        "  1,234,568,140  $0.01\n" + "─" * 92 + "\n"
        "total                          100      50          100  1,234,567,890"
        "  1,234,568,140  $0.01\n"
    )


def test_a_narrow_one_shows_three_digits(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    world.holds([Made(MARCH_MS, cache_read=BIG)])
    row = world.report("daily").out.splitlines()[2]
    assert row.split() == ["2026-03-23", "opus-4-5", "100", "50", "100", "1.23B", "1.23B", "$0.01"]


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1.00k"),
        (9_994, "9.99k"),
        (9_996, "10.0k"),
        (99_940, "99.9k"),
        (99_960, "100k"),
        (999_400, "999k"),
        (999_600, "1.00M"),
        (12_345_678, "12.3M"),
        (4_285_332_887, "4.29B"),
    ],
)
def test_brief_figures_have_three_digits(count: int, text: str) -> None:
    assert short(count) == text


def test_a_lower_bound_is_marked_and_explained(world: World) -> None:
    world.holds([Made(MARCH_MS, final=0), Made(MARCH_MS + DAY_MS)])
    out = world.report("daily").out
    _, _, first, second, _, whole, *_ = out.splitlines()
    assert first.endswith("≥$0.01")
    assert second.endswith(" $0.01")
    assert whole.endswith("≥$0.02")
    assert "≥ some answers were logged unfinished" in out


def test_what_is_derived_is_marked_and_explained(world: World) -> None:
    world.holds([Made(MARCH_MS, grade=-1), Made(MARCH_MS + DAY_MS, final=0)])
    out = world.report("daily").out
    _, _, first, second, _, whole, *_ = out.splitlines()
    assert first.endswith(" ~$0.01")
    assert second.endswith(" ≥$0.01")
    assert whole.endswith("≥~$0.02")
    assert "~ some requests are derived from the running totals" in out


def test_what_has_no_price_is_never_nothing(world: World) -> None:
    world.holds([Made(MARCH_MS, computed_nano=None), Made(MARCH_MS + DAY_MS)])
    out = world.report("daily").out
    _, _, first, second, _, whole, *_ = out.splitlines()
    assert first.endswith("unpriced")
    assert second.endswith(" $0.01")
    assert whole.endswith("≥$0.01+?")
    assert "+? some models have no known price" in out


def test_money_of_a_subscription_is_an_equivalent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.holds([Made(MARCH_MS)])
    assert "API-equivalent" not in world.report("daily").out
    monkeypatch.setenv("TOKWATCH_PLAN__SUBSCRIPTION", "true")
    assert "API-equivalent" in world.report("daily").out
    assert "API-equivalent" in world.report("daily", "--md").out


def test_a_long_path_keeps_its_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    world.holds([Made(MARCH_MS, project="/home/ana/work/with/many/folders/of/the/shop")])
    assert "/shop " in world.report("project").out


def test_no_project_has_a_name_too(world: World) -> None:
    world.holds([Made(MARCH_MS, project="")])
    assert "(none)" in world.report("project").out


def test_models_need_no_list_of_models(world: World) -> None:
    world.holds([Made(MARCH_MS)])
    assert "models" not in world.report("model").out


def test_gaps_are_no_lines_of_the_table(world: World) -> None:
    world.holds([Made(MARCH_MS), Made(MARCH_MS + DAY_MS)])
    assert len(world.report("block").out.splitlines()) == 6


def test_blocks_begin_by_the_clock_of_the_zone(world: World) -> None:
    world.holds([Made(MARCH_MS)])
    assert "2026-03-23 05:45" in world.report("block", "--timezone", "Asia/Kathmandu").out


def test_csv_holds_plain_numbers(world: World) -> None:
    world.holds([Made(MARCH_MS, cache_read=BIG, model='comma, "quote"')])
    (row,) = csv.DictReader(io.StringIO(world.report("daily", "--csv").out))
    assert row == {
        "day": "2026-03-23",
        "models": 'comma, "quote"',
        "input_tokens": "100",
        "output_tokens": "50",
        "cache_write_tokens": "100",
        "cache_read_tokens": str(BIG),
        "total_tokens": str(BIG + 250),
        "cost_usd": "0.010000000",
        "requests": "1",
        "unpriced_tokens": "0",
        "lower_bound_requests": "0",
        "derived_requests": "0",
    }


def test_markdown_is_a_table(world: World) -> None:
    world.holds([Made(MARCH_MS, model="with|bar")])
    lines = world.report("daily", "--md").out.splitlines()
    assert lines[1] == "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    assert lines[2] == "| 2026-03-23 | with\\|bar | 100 | 50 | 100 | 800 | 1,050 | $0.01 |"
    assert lines[3].startswith("| total |")


def test_only_one_form_at_a_time(world: World) -> None:
    with pytest.raises(SystemExit):
        world.report("daily", "--json", "--csv")

"""Every report in every form: the same rows and sums, whole pages, cells that are only text."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from tests.cli.reports import DAY_MS, HOUR_MS, MARCH_MS, World
from tests.store.build import Made
from tokwatch.cli.report_rows import KINDS

FORMS = ((), ("--json",), ("--csv",), ("--md",), ("--html",))
OTHERS = ("summary", "detailed", "savings", "suggestions", "compression")


@dataclass
class Grid(HTMLParser):
    """The cells of the tables of a page that is closed as it was opened."""

    rows: list[list[str]] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin to read."""
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a row or a cell; note what a page would load from elsewhere."""
        if tag in ("script", "link", "img", "iframe"):
            self.foreign.append(tag)
        if tag == "meta":
            return
        self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened last."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Add to the open cell."""
        if self._open and self._open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


def grid(page: str) -> Grid:
    """Return the tables of a page."""
    found = Grid()
    found.feed(page)
    assert found.foreign == []
    return found


@pytest.fixture
def filled(world: World) -> World:
    """Return a store of several days, models, projects and agents, one without a price."""
    made = [
        Made(MARCH_MS + 9 * HOUR_MS, computed_nano=1_234_567_890),
        Made(MARCH_MS + 20 * HOUR_MS, model="gpt-5.4", provider="openai", source="codex"),
        Made(MARCH_MS + DAY_MS, agent="a1", session="s2", project="/code/site", user="ana"),
        Made(MARCH_MS + 9 * DAY_MS, model="mystery", computed_nano=None, key="laptop", final=0),
    ]
    world.holds(made)
    return world


@pytest.mark.parametrize("kind", KINDS)
def test_every_form_has_the_same_rows_and_sums(
    filled: World, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    document = filled.report(kind, "--json").json
    rows = [row for row in document[KINDS[kind].rows] if not row.get("isGap")]
    tokens, cost = document["totals"]["totalTokens"], document["totals"]["totalCost"]

    cells = list(csv.DictReader(io.StringIO(filled.report(kind, "--csv").out)))
    assert sum(row["totalTokens"] for row in rows) == tokens == 4_200
    assert sum(row.get("totalCost", row.get("costUSD")) for row in rows) == pytest.approx(cost)
    assert [int(row["total_tokens"]) for row in cells] == [row["totalTokens"] for row in rows]
    assert sum(float(row["cost_usd"]) for row in cells) == pytest.approx(cost)
    assert sum(int(row["unpriced_tokens"]) for row in cells) == 1_050
    assert sum(int(row.get("requests") or row["entries"]) for row in cells) == 4

    page = grid(filled.report(kind, "--html").out).rows
    markdown = filled.report(kind, "--md").out.splitlines()
    [ending] = [line for line in markdown if line.startswith("| total |")]
    table = filled.report(kind).out.splitlines()
    [total] = [line for line in table if line.startswith("total ")]
    lasts = (page[-1][-2:], ending.strip("| ").split(" | ")[-2:], total.split()[-2:])
    assert [(last[0], re.sub(r"[^\d.]", "", last[1])) for last in lasts] == [
        ("4,200", f"{cost:.2f}")
    ] * 3
    assert len(page) - 2 == len(rows)
    assert sum(line.startswith("| ") for line in markdown) == len(rows) + 3


@pytest.mark.parametrize("form", FORMS, ids=["table", "json", "csv", "md", "html"])
def test_an_empty_store_has_every_form_too(world: World, form: tuple[str, ...]) -> None:
    for kind in (*KINDS, *OTHERS):
        printed = world.report(kind, *form)

        assert (printed.code, printed.err) == (0, ""), kind
        assert printed.out.endswith("\n")
        if form == ("--html",):
            grid(printed.out)


def test_a_name_is_no_formula_of_a_spreadsheet(world: World) -> None:
    world.holds([Made(MARCH_MS, project="=cmd|'/c calc'!A1", model="@evil")])

    for kind in ("project", "model"):
        [row] = csv.DictReader(io.StringIO(world.report(kind, "--csv").out))
        assert row[kind].startswith("'")


def test_a_page_shows_names_as_text(world: World) -> None:
    world.holds([Made(MARCH_MS, project="<script>alert(1)</script>")])

    page = world.report("project", "--html").out
    assert grid(page).rows[1][0] == "<script>alert(1)</script>"

"""`i` on a line of any screen leads to exactly its requests: the same sums, to the nano-dollar."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from msgspec.structs import replace

from tests.pages.sights import sight_of
from tests.store.build import Made, build
from tests.store.read.test_usage import MARCH_MS
from tests.ui.budget_pages import FULL
from tests.ui.conftest import MakeApp, feed_of, settle
from tests.ui.costs_pages import NARROWED, PICKS, SHOWN
from tests.ui.literal import BUSY
from tokwatch.analysis.audit import Audit
from tokwatch.analysis.baseline import stretch_of
from tokwatch.analysis.calendar import instant
from tokwatch.analysis.quality import By
from tokwatch.audit.explain import explain
from tokwatch.config import Config, load
from tokwatch.model.alert import Alert, Severity
from tokwatch.model.evidence import Number
from tokwatch.model.facets import Facet, Pick
from tokwatch.model.snapshot import Page, Span
from tokwatch.model.units import DAY_MS, NANO
from tokwatch.model.usage import Dimension
from tokwatch.pages.budgets import BudgetsAsk, BudgetsPage
from tokwatch.pages.cache import CacheAsk, CachePage
from tokwatch.pages.costs import CostsAsk, CostsPage
from tokwatch.pages.quality import QualityAsk, QualityPage
from tokwatch.pages.response_cache import ResponseAsk, ResponsePage
from tokwatch.pages.sight import Ask
from tokwatch.pages.triage import TriageAsk, TriagePage
from tokwatch.store.connect import Database
from tokwatch.store.read.every import open_view
from tokwatch.store.store import open_store
from tokwatch.ui.grounds import ground_of
from tokwatch.ui.widgets.budget_limits import Limits
from tokwatch.ui.widgets.cache_tiles import Saved
from tokwatch.ui.widgets.costs_heat import CostHeat
from tokwatch.ui.widgets.costs_table import CostLines
from tokwatch.ui.widgets.costs_tiles import Endings
from tokwatch.ui.widgets.notices import Alerts
from tokwatch.ui.widgets.painted import Pane

pytestmark = pytest.mark.anyio
AT_MS = MARCH_MS + 60 * 3_600_000 + 7 * 60_000 + 11
SPANS = (Span.HOUR, Span.HOURS, Span.DAY, Span.ALL)
BUDGETS = """
[budget.shop]
usd = 100
per = "day"
project = "shop"
[budget.codex]
usd = 100
per = "week"
source = "codex"
[budget.sort]
usd = 100
per = "week"
agent = "Explore"
[budget.one]
usd = 100
per = "week"
agent = "a1"
[goal.cheap]
measure = "cost_per_request"
target = 0.1
per = "week"
source = "codex"
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """Return settings over a store of a request every seven minutes of three days."""
    folder = tmp_path_factory.mktemp("grounds")
    (folder / "config.toml").write_text(BUDGETS, "utf-8")
    database = open_store("", folder)
    made = [
        Made(
            MARCH_MS + number * 7 * 60_000,
            session=f"s{number % 3}",
            agent="a1" if number % 5 == 0 else "",
            source=("claude-code", "codex")[number % 2],
            model=("claude-opus-4-5", "gpt-5.5", "claude-haiku-4-5")[number % 3],
            project=("/code/shop", "/old/shop", "/code/api")[number % 3],
            input=number,
            computed_nano=number * NANO,
        )
        for number in range(620)
    ]
    build(database, made, agents=[("claude-code", "s0", "a1", "Explore", "s0")])
    _tell_tools(database, len(made))
    database.close()
    return load(folder / "config.toml", folder, environ={})


def _tell_tools(database: Database, requests: int) -> None:
    """Tell which tool every second answer called, as a detail pass would."""
    database.execute(
        "INSERT INTO strand (id, workspace, log, session, agent) VALUES (1, 1, 1, '', '')"
    )
    for key in range(1, requests, 2):
        database.execute(
            "INSERT INTO block (strand, number, workspace, instant_ms, part, tool, chars, tokens,"
            " digest, subject, call, is_error, request, offset_bytes)"
            " SELECT 1, t.key, 1, t.instant_ms, 'tool call', ?, 0, 0, 0, 0, 0, 0, t.key, 0"
            " FROM event t WHERE t.key = ?",
            ("Bash" if key < 401 else "Read", key),
        )


def explained(config: Config, pane: object, span: Span = Span.DAY) -> Audit:
    """Return what `i` on a pane shows at the moment."""
    shown = ground_of(cast("Pane", pane), replace(BUSY, now=instant(AT_MS), span=span))
    assert shown is not None
    found = explain(config, shown)
    assert found is not None
    return found


def page_of(config: Config, ask: Ask, span: Span) -> object:
    """Return a page of the store at the moment, which is past: history goes on after it."""
    database = open_store("", config.data, read_only=True)
    sight = sight_of(open_view(database, "local"), AT_MS, span)
    content = ask.answer(replace(sight, config=config, now_ms=AT_MS + DAY_MS))
    database.close()
    return content


def pane(content: object, row: object = None) -> object:
    """Return what stands for a pane with a page, and its cursor on a line."""
    return SimpleNamespace(NUMBER="", content=content, row=row)


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("rows", [Facet.MODEL, Facet.SESSION, Facet.KIND, Facet.DAY, Facet.HOUR])
def test_each_line_of_the_costs_leads_to_its_requests(
    config: Config, rows: Facet, span: Span
) -> None:
    content = page_of(config, CostsAsk(rows=rows, columns=None), span)
    assert isinstance(content, CostsPage)
    assert explained(config, pane(content), span).usage.auto_nano == content.table.amount.nano

    for line in content.table.lines:
        found = explained(config, pane(content, line), span)
        assert found.usage.auto_nano == line.amount.nano
        assert found.usage.requests == line.amount.requests
        listed = found.events
        assert len(listed) == min(500, line.amount.requests)


def test_a_cell_of_the_heat_map_leads_to_its_hour(config: Config) -> None:
    content = page_of(config, CostsAsk(), Span.ALL)
    assert isinstance(content, CostsPage)
    heat = CostHeat()
    heat._content, heat.line, heat.hour = content, 2, 7

    found = explained(config, heat, Span.ALL)

    assert found.usage.auto_nano == content.heat.cells[2][7].nano > 0


@pytest.mark.parametrize("span", [Span.HOURS, Span.ALL])
def test_a_tool_leads_to_the_requests_that_called_it(config: Config, span: Span) -> None:
    content = page_of(config, CostsAsk(rows=Facet.TOOL, columns=None), span)
    assert isinstance(content, CostsPage)

    assert len(content.table.lines) == (2 if span is Span.HOURS else 3)
    for line in content.table.lines:
        found = explained(config, pane(content, line), span)
        assert found.usage.auto_nano == line.amount.nano
        assert found.usage.requests == line.amount.requests


def test_where_the_month_ends_rests_on_what_it_has_cost(config: Config) -> None:
    content = page_of(config, CostsAsk(), Span.HOUR)
    assert isinstance(content, CostsPage)
    endings = Endings()
    endings._content = content

    found = explained(config, endings, Span.HOUR)

    assert found.usage.auto_nano == content.burning.month.nano > 0


def test_simulated_answers_lead_to_the_requests_of_the_range(config: Config) -> None:
    content = page_of(config, ResponseAsk(), Span.DAY)
    assert isinstance(content, ResponsePage)

    found = explained(config, pane(content))

    assert found.focus.part == content.shown
    assert found.usage.requests > 0


def test_rates_lead_to_the_last_minute_and_told_limits_to_nothing(config: Config) -> None:
    content = page_of(config, BudgetsAsk(), Span.DAY)
    assert isinstance(content, BudgetsPage)
    limits = Limits()
    limits._content = replace(content, rates=())
    moment = replace(BUSY, now=instant(AT_MS))
    assert ground_of(limits, moment) is None

    limits._content = replace(content, rates=(FULL,))
    found = ground_of(limits, moment)

    assert found is not None
    assert (found.part.since_ms, found.part.until_ms) == (AT_MS - 60_000 + 1, AT_MS + 1)


@pytest.mark.parametrize("span", SPANS)
def test_the_cache_screen_leads_to_the_requests_of_its_sums(config: Config, span: Span) -> None:
    content = page_of(config, CacheAsk(), span)
    assert isinstance(content, CachePage)
    assert content.is_whole

    assert explained(config, pane(content), span).usage.cache_read == content.total.read > 0
    tile = Saved()
    page = Page(CacheAsk(), content)
    told = replace(BUSY, now=instant(AT_MS), span=span, page=page)
    assert ground_of(tile, told) == ground_of(cast("Pane", pane(content)), told)
    for model in content.models:
        usage = explained(config, pane(content, model), span).usage
        assert usage.cache_read == model.sum.read
    for session in content.sessions:
        usage = explained(config, pane(content, session), span).usage
        assert usage.cache_read == session.sum.read


def test_the_alerts_of_the_overview_lead_to_what_they_rest_on() -> None:
    alert = Alert(1, "spend", "all", Severity.NOTICE, 0, 0, 1.0, 1.0, 1.0, "t", events=(7, 8))
    other = replace(alert, id=2, events=(8, 9))

    found = ground_of(Alerts(), replace(BUSY, alerts=(alert, other)))

    assert found is not None
    assert (found.number, found.keys) == (Number.REQUESTS, (7, 8, 9))
    assert ground_of(Alerts(), replace(BUSY, alerts=())) is None


def test_a_table_without_lines_rests_on_nothing(config: Config) -> None:
    content = page_of(config, CostsAsk(), Span.DAY)
    lines = CostLines()
    lines._content = cast("CostsPage", content)

    assert ground_of(lines, BUSY) is None


async def test_i_asks_for_the_line_under_the_cursor(make_app: MakeApp) -> None:
    app = make_app()
    feed_of(app).pages[CostsAsk] = NARROWED
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("3")
        await settle(pilot)
        await pilot.press("i")
        await settle(pilot)

    [asked] = feed_of(app).explained
    line = Pick(Facet.SESSION, NARROWED.table.lines[0].value)
    assert (asked.number, asked.part, asked.picks) == (Number.SLICE, SHOWN, (*PICKS, line))


def test_triage_leads_to_the_requests_of_each_value(config: Config) -> None:
    shown = stretch_of(AT_MS - 5 * 3_600_000, AT_MS)
    content = page_of(config, TriageAsk(shown), Span.DAY)
    assert isinstance(content, TriagePage)
    triage = content.triage
    assert explained(config, pane(content)).usage == triage.after

    for dimension in (Dimension.SESSION, Dimension.MODEL, Dimension.KIND, Dimension.SOURCE):
        for one in triage.of(dimension):
            assert explained(config, pane(content, one)).usage.auto_nano == one.nano


@pytest.mark.parametrize("by", By)
def test_quality_leads_to_the_requests_of_each_group(config: Config, by: By) -> None:
    content = page_of(config, QualityAsk(by), Span.DAY)
    assert isinstance(content, QualityPage)

    assert content.whole.groups
    for group in content.whole.groups:
        assert explained(config, pane(content, group)).usage.requests == group.requests


def test_a_budget_leads_to_what_counts_for_it(config: Config) -> None:
    content = page_of(config, BudgetsAsk(), Span.DAY)
    assert isinstance(content, BudgetsPage)

    assert {one.name for one in content.standings} == {"shop", "codex", "sort", "one"}
    for one in content.standings:
        assert explained(config, pane(content, one)).usage.auto_nano == one.spent > 0
    [goal] = content.goals
    found = explained(config, pane(content, goal)).usage
    assert found.auto_nano / found.requests == goal.value


def test_single_requests_are_told_by_their_keys(config: Config) -> None:
    content = page_of(config, CostsAsk(lists_requests=True), Span.HOURS)
    assert isinstance(content, CostsPage)
    assert content.events
    keys = tuple(event.key for event in content.events[:3])
    alert = Alert(1, "spend", "all", Severity.NOTICE, 0, 0, 1.0, 1.0, 1.0, "t", events=keys)

    [one] = explained(config, pane(content, content.events[0])).events
    several = explained(config, SimpleNamespace(NUMBER="", content=None, alert=alert))

    assert (one.key, one.at_ms) == (keys[0], content.events[0].instant_ms)
    assert tuple(event.key for event in several.events) == keys
    assert several.usage.requests == len(keys)

"""The tables that `tokwatch reconcile` prints; see docs/reconciliation.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from tokwatch.cli.report_sections import Section
from tokwatch.model.reconciliation import Figures
from tokwatch.ui.gap_words import date, model_name, money_of, report_name, tokens_of, words
from tokwatch.words import counted, printable

if TYPE_CHECKING:
    from tokwatch.analysis.reconciliation import Reconciliation, Total

HEADS: Final = ("requests", "input", "cache read", "cache write", "output", "cost")
NOTHING: Final = (
    "No endpoint has told of use in this range. [endpoint.NAME] in config.toml asks gateways and",
    "providers; `tokwatch endpoints poll` does so now.",
)


def sections(found: Reconciliation, title: str, model: str | None = None) -> list[Section]:
    """Return the tables: in all, the gaps and why, by day and model; `model` was asked for."""
    untold = _untold(found)
    if not found.rows and model is not None:
        return [Section(title, (), (), (f"No report tells of {printable(model)} in this range.",))]
    if not found.rows:
        return [Section(title, (), (), (*NOTHING, *untold))]
    heads = ("report", "logs: tokens", "it says", "gap", "logs: cost", "it says", "gap")
    notes = ("Each report is set beside the same requests: their sums never add up.", *untold)
    totals = tuple(_total(one) for one in found.totals)
    return [Section(title, heads, totals, notes), _reasons(found), _figures(found)]


def _total(one: Total) -> tuple[str, ...]:
    # Only classes that the report tells are compared.
    compared = Figures(
        *(a if b is not None else None for a, b in zip(one.logs, one.gap, strict=True))
    )
    sides = (compared, one.says, one.gap)
    tokens = (tokens_of(side.tokens, is_gap=side is one.gap) for side in sides)
    money = (money_of(side.cost_nano, is_gap=side is one.gap) for side in sides)
    return (report_name(one.endpoint, one.report), *tokens, *money)


def _reasons(found: Reconciliation) -> Section:
    rows = []
    for row in found.rows:
        pair = row.pair
        head = (date(pair.day), model_name(pair), report_name(pair.endpoint, pair.report))
        gap = (tokens_of(pair.gap.tokens, is_gap=True), money_of(pair.gap.cost_nano, is_gap=True))
        for number, reason in enumerate(row.reasons):
            whose = head if number == 0 else ("", "", "")
            rows.append((*whose, words(reason, pair), *(gap if number == 0 else ("", ""))))
    agreeing = sum(not row.reasons for row in found.rows)
    notes = (f"{counted(agreeing, 'comparison agrees', 'comparisons agree')} exactly.",)
    heads = ("day", "model", "report", "likely reason", "gap in tokens", "gap in cost")
    return Section("Gaps and why", heads, tuple(rows), notes, names=4)


def _figures(found: Reconciliation) -> Section:
    rows: list[tuple[str, ...]] = []
    for row in found.rows:
        pair = row.pair
        name = report_name(pair.endpoint, pair.report)
        rows.append((date(pair.day), model_name(pair), "logs", *_cells(pair.logs)))
        rows.append(("", "", name, *_cells(pair.says)))
        rows.append(("", "", "  gap", *_cells(pair.gap, is_gap=True)))
    heads = ("day", "model", "who", *HEADS)
    return Section("By day and model", heads, tuple(rows), tuple(_aliases(found)), names=3)


def _cells(figures: Figures, *, is_gap: bool = False) -> tuple[str, ...]:
    counts = (tokens_of(count, is_gap=is_gap) for count in figures[:5])
    return (*counts, money_of(figures.cost_nano, is_gap=is_gap))


def _untold(found: Reconciliation) -> tuple[str, ...]:
    if not found.untold.total:
        return ()
    tokens, models = f"{found.untold.total:,} tokens", counted(len(found.untold_models), "model")
    return (f"Of the logs, {tokens} of {models} are told by no report.",)


def _aliases(found: Reconciliation) -> Iterator[str]:
    """Yield which models have other names, a line each."""
    told: dict[str, set[str]] = {}
    for row in found.rows:
        if row.pair.model:
            told.setdefault(row.pair.model, set()).update(row.pair.told_as, row.pair.logged_as)
    for model, names in told.items():
        if others := sorted(map(printable, names - {model})):
            yield f"{printable(model)} is also called {', '.join(others)}."

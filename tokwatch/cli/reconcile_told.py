"""What `tokwatch reconcile` prints, as tables, JSON and CSV; see docs/reconciliation.md."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from tokwatch.analysis.calendar import date_of
from tokwatch.cli.report_sections import Section
from tokwatch.model.reconciliation import Figures, Pair, Reason, Row, Why
from tokwatch.model.units import NANO
from tokwatch.words import counted, printable

if TYPE_CHECKING:
    from tokwatch.analysis.reconciliation import Reconciliation, Total

SCHEMA: Final = 1
"""Grows when a key of the JSON changes its meaning or goes."""
KEYS: Final = ("requests", "input", "cacheRead", "cacheWrite", "output", "costNano")
HEADS: Final = ("requests", "input", "cache read", "cache write", "output", "cost")
UNKNOWN: Final = "n/a"
ALL: Final = "all models"
SIDES: Final = ("logs", "says", "gap")
NOTHING: Final = (
    "No endpoint has told of use in this range. [endpoint.NAME] in config.toml asks gateways and",
    "providers; `tokwatch endpoints poll` does so now.",
)
Object = dict[str, Any]  # JSON: what a key holds is known to its reader


def date(day: int) -> str:
    """Return a UTC day as YYYY-MM-DD."""
    return date_of(day).isoformat()


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
    tokens = (_count(side.tokens, is_gap=side is one.gap) for side in sides)
    money = (_money(side.cost_nano, is_gap=side is one.gap) for side in sides)
    return (_name(one.endpoint, one.report), *tokens, *money)


def _reasons(found: Reconciliation) -> Section:
    rows = []
    for row in found.rows:
        pair = row.pair
        head = (date(pair.day), _model(pair), _name(pair.endpoint, pair.report))
        gap = (_count(pair.gap.tokens, is_gap=True), _money(pair.gap.cost_nano, is_gap=True))
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
        name = _name(pair.endpoint, pair.report)
        rows.append((date(pair.day), _model(pair), "logs", *_cells(pair.logs)))
        rows.append(("", "", name, *_cells(pair.says)))
        rows.append(("", "", "  gap", *_cells(pair.gap, is_gap=True)))
    heads = ("day", "model", "who", *HEADS)
    return Section("By day and model", heads, tuple(rows), tuple(_aliases(found)), names=3)


def _cells(figures: Figures, *, is_gap: bool = False) -> tuple[str, ...]:
    counts = (_count(count, is_gap=is_gap) for count in figures[:5])
    return (*counts, _money(figures.cost_nano, is_gap=is_gap))


def _count(count: int | None, *, is_gap: bool = False) -> str:
    if count is None:
        return UNKNOWN
    return f"{count:+,}" if is_gap and count else f"{count:,}"


def _money(nano: int | None, *, is_gap: bool = False) -> str:
    if nano is None:
        return UNKNOWN
    sign = ("-" if nano < 0 else "+") if is_gap and nano else "-" if nano < 0 else ""
    return f"{sign}${abs(nano) / NANO:,.4f}"


def _name(endpoint: str, report: str) -> str:
    return printable(f"{endpoint} {report}")


def _model(pair: Pair) -> str:
    return printable(pair.model) or ALL


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


def words(reason: Reason, pair: Pair) -> str:
    """Return a likely reason in words, with the numbers that it rests on."""
    amount = _amount(reason)
    names = ", ".join(map(printable, reason.names))
    if reason.why is Why.CACHED:
        who = "its input" if (reason.tokens or 1) > 0 else "the input of the logs"
        many = "" if reason.tokens is None else f" {abs(reason.tokens):,}"
        return f"{who} holds{many} cached tokens"
    if reason.why is Why.UNPRICED:
        who = "the report" if reason.names == ("report",) else "the logs"
        return f"{who} knows no price for {reason.tokens or 0:,} tokens".replace(
            "logs knows", "logs know"
        )
    if reason.why is Why.LOWER:
        unfinished = counted(reason.number or 0, "answer was", "answers were")
        bound = f": {amount} at most" if amount else ", a part of it"
        return f"{unfinished} logged unfinished{bound}"
    if reason.why is Why.ELSEWHERE:
        more = f" in {counted(reason.number, 'request')}" if reason.number else ""
        whose = f"; keys: {names}" if names else ""
        return f"another machine or key: {amount}{more}{whose}"
    if reason.why is Why.PAST:
        fewer = f" in {counted(reason.number, 'request')}" if reason.number else ""
        return f"not through it, or another account or plan: {amount}{fewer}"
    return _plain_words(reason, amount, names)


def _plain_words(reason: Reason, amount: str, names: str) -> str:
    around = date(reason.day) if reason.day is not None else ""
    return {
        Why.NAMES: f"as much stands under {names}",
        Why.LATE: f"late data: {amount} came when its figures were open",
        Why.EARLIER: f"{amount} came before its first figures",
        Why.BOUNDARY: f"day boundary: {around} has the opposite gap",
        Why.RATES: "the tokens agree: tiers, discounts or other prices",
        Why.CLASSES: "all in all they agree: classes of tokens are drawn in another way",
        Why.SMALL: "less than a thousandth",
    }[reason.why]


def _amount(reason: Reason) -> str:
    if reason.cost_nano is not None:
        return _money(abs(reason.cost_nano))
    return "" if reason.tokens is None else f"{abs(reason.tokens):,} tokens"


def document(found: Reconciliation, days: range) -> Object:
    """Return all of it as JSON: token counts and nano-dollars, exact; unknown is null."""
    return {
        "schemaVersion": SCHEMA,
        "since": date(days.start),
        "until": date(days.stop - 1),
        "zone": "UTC",
        "totals": [_total_object(one) for one in found.totals],
        "rows": [_row(row) for row in found.rows],
        "untoldTokens": found.untold.total,
        "untoldModels": list(found.untold_models),
    }


def _object(figures: Figures) -> Object:
    return {**dict(zip(KEYS, figures, strict=True)), "tokens": figures.tokens}


def _total_object(one: Total) -> Object:
    sides = {side: _object(getattr(one, side)) for side in SIDES}
    return {"endpoint": one.endpoint, "report": one.report, **sides}


def _row(row: Row) -> Object:
    pair = row.pair
    return {
        "day": date(pair.day),
        "model": pair.model or None,
        "endpoint": pair.endpoint,
        "report": pair.report,
        **{side: _object(getattr(pair, side)) for side in SIDES},
        "loggedAs": list(pair.logged_as),
        "toldAs": list(pair.told_as),
        "keys": dict(pair.keys),
        "lowerBoundRequests": pair.lower_bound,
        "unpricedTokens": pair.unpriced,
        "reasons": [_reason(reason, pair) for reason in row.reasons],
    }


def _reason(reason: Reason, pair: Pair) -> Object:
    return {
        "reason": str(reason.why),
        "tokens": reason.tokens,
        "costNano": reason.cost_nano,
        "requests": reason.number,
        "names": list(reason.names),
        "day": None if reason.day is None else date(reason.day),
        "words": words(reason, pair),
    }


def csv_text(found: Reconciliation) -> str:
    """Return a line for each comparison, its gap and likely reasons last."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    columns = (f"{side}_{key}" for side in SIDES for key in (*KEYS, "tokens"))
    write(["day", "model", "endpoint", "report", *columns, "reasons"])
    for row in found.rows:
        pair = row.pair
        figures = [
            "" if count is None else count
            for side in (pair.logs, pair.says, pair.gap)
            for count in (*side, side.tokens)
        ]
        why = "; ".join(words(reason, pair) for reason in row.reasons)
        write([date(pair.day), pair.model, pair.endpoint, pair.report, *figures, why])
    return out.getvalue()

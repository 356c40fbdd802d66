"""Logs beside reports as files: exact numbers, a record for each comparison."""

from __future__ import annotations

import csv
import io
import json
from typing import Any, Final

from tokwatch.analysis.reconciliation import Reconciliation, Total
from tokwatch.model.reconciliation import Figures, Pair, Reason, Row
from tokwatch.ui.export import cell
from tokwatch.ui.gap_words import date, words

KEYS: Final = ("requests", "input", "cacheRead", "cacheWrite", "output", "costNano")
SIDES: Final = ("logs", "says", "gap")
Object = dict[str, Any]  # JSON: what a key holds is known to its reader


def as_text(found: Reconciliation, days: range, kind: str) -> str:
    """Return all of it as CSV, or as a JSON document."""
    if kind == "json":
        return json.dumps(document(found, days), ensure_ascii=False, indent=1) + "\n"
    return csv_text(found)


def document(found: Reconciliation, days: range) -> Object:
    """Return all of it as JSON: token counts and nano-dollars, exact; unknown is null."""
    return {
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
        "loggedKeys": dict(pair.logged_keys),
        "users": dict(pair.users),
        "loggedUsers": dict(pair.logged_users),
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
        names = map(cell, (pair.model, pair.endpoint, pair.report))
        write([date(pair.day), *names, *figures, why])
    return out.getvalue()

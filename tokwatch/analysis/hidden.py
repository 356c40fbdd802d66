"""Hidden calls: what a tool's own totals hold beyond every request in its transcripts.

Compactions, titles and searches are billed but leave no line. The difference is a lower bound:
where the totals miss something that a transcript shows, that hides as much of the hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tokwatch.analysis.sums import total
from tokwatch.model.reading import LedgerLine
from tokwatch.model.stored import Ledger
from tokwatch.model.usage import NO_USAGE, Rates, Usage

CLASSES = (
    *("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning"),
    "web_searches",
)
Counts = dict[str, int]
ByModel = dict[str, Counts]


def hidden_usage(ledgers: Iterable[Ledger], rates: Iterable[Rates]) -> dict[str, Usage]:
    """Return the hidden usage of each session that has any."""
    by_session = {ledger.session: ledger for ledger in ledgers}
    priced = list(rates)
    found: dict[str, ByModel] = {}
    usages = {}
    for session, ledger in by_session.items():
        parts = [
            _priced(model, counts, ledger.instant_ms, priced)
            for model, counts in _hidden(session, by_session, found).items()
            if any(counts.values())
        ]
        if parts:
            usages[session] = total(parts)
    return usages


def hidden_models(ledgers: Iterable[Ledger]) -> list[str]:
    """Return the models whose rates `hidden_usage` needs."""
    return sorted({_name(line.model) for ledger in ledgers for line in ledger.lines})


def _hidden(session: str, ledgers: Mapping[str, Ledger], found: dict[str, ByModel]) -> ByModel:
    """Return a session's hidden counts, after those of the sessions that it was forked from."""
    if session in found:
        return found[session]
    found[session] = {}
    ledger = ledgers.get(session)
    if ledger is None:
        return {}
    seen = [ledger.visible]
    inherited: list[ByModel] = []
    # A fork's totals start from its parent's, if the parent had any by then.
    if ledger.ancestors and ledger.ancestors[-1].session in ledgers:
        seen += [ancestor.visible for ancestor in ledger.ancestors]
        inherited = [_hidden(older.session, ledgers, found) for older in ledger.ancestors]
    found[session] = {_name(line.model): _beyond(line, seen, inherited) for line in ledger.lines}
    return found[session]


def _beyond(line: LedgerLine, seen: list[dict[str, Usage]], inherited: list[ByModel]) -> Counts:
    """Return what a ledger line holds beyond the requests seen and the calls inherited."""
    model = _name(line.model)
    counts = {}
    for name in CLASSES:
        shown = sum(getattr(usages.get(model, NO_USAGE), name) for usages in seen)
        before = sum(older.get(model, {}).get(name, 0) for older in inherited)
        counts[name] = max(0, getattr(line, name) - shown - before)
    return counts


def _priced(model: str, counts: Counts, at_ms: int, rates: list[Rates]) -> Usage:
    for card in rates:
        if card.model == model and card.since_ms <= at_ms < card.until_ms:
            milli = sum(counts[name] * getattr(card, name) for name in CLASSES[:5])
            nano = (milli + 500) // 1000 + counts["web_searches"] * card.web_search
            return Usage(**counts, computed_nano=nano, auto_nano=nano)
    tokens = sum(counts[name] for name in CLASSES[:5])
    return Usage(**counts, unpriced_tokens=tokens, uncosted_tokens=tokens)


def _name(model: str) -> str:
    """Return a model as transcripts name it: without the mark of its large window."""
    return model.removesuffix("[1m]")

"""What the workbench tells in words: tokens, money, cache, losses."""

from __future__ import annotations

from typing import Final

from tokwatch.compress.nouns import Ledger, Risk
from tokwatch.tokens.estimate import Basis, Counted
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.words import counted
from tokwatch.workbench.shown import Shown, Warmth

NARROW: Final = 90
"""Columns below which everything is told in short."""
RISK_WORDS: Final = {
    Risk.NONE: "no risk",
    Risk.LOW: "low risk",
    Risk.MEDIUM: "medium risk",
    Risk.HIGH: "high risk",
}
ALL_THERE: Final = "all still there: numbers, names, addresses, identifiers, negations"
KINDS: Final = {
    "numbers": "number",
    "names": "name",
    "urls": "address",
    "identifiers": "identifier",
    "negations": "negation",
}


def mark_of(told: Counted | None) -> str:
    """Return `≈` before a number that is no exact count."""
    return "" if told is None or told.is_exact else "≈"


def basis_words(told: Counted) -> str:
    """Return how tokens are known, in short."""
    match told.basis:
        case Basis.EXACT:
            return "exact"
        case Basis.CALIBRATED:
            doubt = ", doubtful" if told.is_doubtful else ""
            return f"≈ by {told.pairs:,} of your requests, ±{told.error or 0:.0%}{doubt}"
        case Basis.RATIO:
            return "≈ by its family's ratio; tokwatch calibrate measures it"
        case Basis.UNKNOWN:
            return "≈ by o200k: its tokenizer is not known"
        case _:
            return "≈ by length, while the tokenizer loads"


def cents(nano: int) -> str:
    """Return money of a single call: with enough decimals to tell it from nothing."""
    return fmt.money(nano, 2 if abs(nano) >= 10_000_000_000 else 4)


def _less(nano: int) -> str:
    """Return what a day costs less, or more."""
    sign = "-" if nano >= 0 else "+"
    return sign + (cents(abs(nano)) if abs(nano) < 10_000_000 else fmt.money(abs(nano)))


def money_line(shown: Shown, inks: Inks, width: int = 120) -> Line:
    """Return dollars per call and per day."""
    if width < NARROW and (cost := shown.cost) is not None:
        after = cost.fresh_after if cost.mixed_after is None else cost.mixed_after
        whence = "new" if cost.mixed_after is None else "cached mix"
        day = cost.saved_a_day
        told = "" if day is None else f" · {_less(day)}/day"
        return [("cost/call ", inks.muted), (f"{cents(after)} {whence}", inks.text),
                (told, inks.good if day else inks.muted)]  # fmt: skip
    cost = shown.cost
    if not shown.bench.model:
        return [("no model: m picks one; without it tokens are o200k's", inks.muted)]
    if cost is None:
        told = "unpriced: no list has this model" if shown.sums else "…"
        return [("cost/call ", inks.muted), (told, inks.muted)]
    line: Line = [("cost/call ", inks.muted), (cents(cost.fresh_before), inks.text),
                  (" → ", inks.muted), (cents(cost.fresh_after), inks.text)]  # fmt: skip
    if cost.mixed_before is not None and cost.mixed_after is not None:
        line += [("   at your cached mix ", inks.muted), (cents(cost.mixed_before), inks.text),
                 (" → ", inks.muted), (cents(cost.mixed_after), inks.text)]  # fmt: skip
    day = cost.saved_a_day
    if day is None:
        return [*line, ("   no calls of it in 7 days", inks.muted)]
    whose = " of this project" if shown.page.project else ""
    calls = f"   ×{cost.calls_a_day:,.0f} calls/day{whose} = "
    less = f"{_less(day)}/day"
    used = sum(len(text) for text, _ in line)
    fitting = calls if used + len(calls) + len(less) <= width else "   "
    line += [(fitting, inks.muted), (less, inks.good if day > 0 else inks.text)]
    return line


def model_line(shown: Shown, inks: Inks, width: int = 120) -> Line:
    """Return the model, how its tokens are known, its window, and the score of retention.

    Where there is little room what is known of the model comes last.
    """
    bench = shown.bench
    line: Line = [(fmt.short_model(fmt.clean(bench.model)) or "o200k", inks.strong)]
    if bench.spent_nano is not None:
        line.append((f" · a model was paid {cents(bench.spent_nano)}", inks.warning))
    parts = [_known(shown, inks), _kept(shown, inks)]
    has_room = width >= NARROW and bench.spent_nano is None
    for part in parts if has_room else reversed(parts):
        line += part
    if bench.question:
        line += [(" · question ", inks.muted), (fmt.fit_to(bench.question, 40), inks.text)]
    return line


def _known(shown: Shown, inks: Inks) -> Line:
    """Return how the tokens are known, and how much of its window they take."""
    line: Line = []
    if shown.counted is not None:
        ink = inks.warning if shown.counted.is_doubtful else inks.muted
        line.append((f" · {basis_words(shown.counted)}", ink))
    size = shown.use.window if shown.use is not None else None
    if size and shown.sums is not None:
        line.append((f" · {shown.sums.after / size:.1%} of its window", inks.muted))
    return line


def _kept(shown: Shown, inks: Inks) -> Line:
    """Return the score of retention."""
    if shown.sums is None or shown.sums.losses is None:
        return []
    kept = shown.sums.losses.retention
    ink = inks.good if kept >= 0.97 else inks.warning if kept >= 0.85 else inks.error
    return [(" · retention ", inks.muted), (f"{kept:.3f}", ink)]


def warmth_line(warmth: Warmth, inks: Inks) -> Line:
    """Return what the change does to the session's cache."""
    sums = warmth.sums
    saves = f"saves {cents(sums.saves)} a request"
    if not warmth.is_warm:
        return [
            ("cache: the prefix is cold, ", inks.muted),
            (f"{saves} from the next on", inks.good),
        ]
    if sums.costs_now == 0:
        return [("cache: nothing cached stands behind the cut, ", inks.muted), (saves, inks.good)]
    pays = (
        "never pays" if sums.requests is None else f"pays after {counted(sums.requests, 'request')}"
    )
    return [
        ("! warm prefix: ", inks.warning),
        (f"{saves}, costs {cents(sums.costs_now)} now ", inks.text),
        (f"({warmth.behind:,} tokens are written anew), ", inks.muted),
        (pays, inks.warning),
    ]


def ledger_line(ledger: Ledger, inks: Inks) -> Line:
    """Return how much is gone of what matters."""
    told = [
        counted(len(gone), word, "addresses" if word == "address" else f"{word}s")
        for name, word in KINDS.items()
        if (gone := getattr(ledger, name))
    ]
    if not told:
        return [("✓ ", inks.good),
                (ALL_THERE, inks.muted)]  # fmt: skip
    return [
        ("! gone: ", inks.warning),
        (", ".join(told), inks.text),
        ("   enter lists them", inks.muted),
    ]

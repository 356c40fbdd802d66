"""The table of `tokwatch count --models`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from tokwatch.cli.json_form import as_json
from tokwatch.cli.money import dollars, usd

if TYPE_CHECKING:
    from tokwatch.analysis.suitable import Fitting
    from tokwatch.config import Config
    from tokwatch.prompts.model_table import ModelTable
    from tokwatch.store.view import View

MOST_OTHERS: Final = 12
"""Models that you do not use and that are listed, the cheapest that suit."""
_NAME: Final = 26


def print_models(
    text: str, config: Config, view: View | None, now_ms: int, *, is_json: bool
) -> int:
    """Print the models that fit a text; 1 where none does."""
    from tokwatch.prompts.model_table import known_models, model_table

    table = model_table(text, config, known_models(view, config, now_ms), now_ms)
    if is_json:
        print(as_json(_document(table)))
    else:
        for line in _lines(table):
            print(line)
    return 0 if any(row.fits for row in table.rows) else 1


def _lines(table: ModelTable) -> Iterator[str]:
    parts = ", ".join(f"{part.name} {part.value:.2f}" for part in table.complexity.parts)
    yield f"complexity {table.complexity.value:.2f} of 1 ({parts})"
    yield ""
    yield (
        f"   {'model':<{_NAME}}{'tokens':>11}{'window':>11}{'of it':>7}"
        f"{'cold':>11}{'cached':>11}{'errors':>8}"
    )
    shown = _shown(table)
    for row in shown:
        yield _line(row)
    yield ""
    yield "> the cheapest that suits   * used by you   ≈ estimated   errors: your failed attempts"
    left = len(table.rows) - len(shown)
    if left:
        yield f"{left} more are dearer or do not suit: --json lists them"


def _shown(table: ModelTable) -> list[Fitting]:
    others = [row for row in table.rows if not row.why_not and not row.is_used][:MOST_OTHERS]
    return [row for row in table.rows if row.is_used or row.is_cheapest or row in others]


def _line(row: Fitting) -> str:
    from tokwatch.words import printable

    marks = (">" if row.is_cheapest else " ") + ("*" if row.is_used else " ")
    tokens = ("" if row.counted.is_exact else "≈") + f"{row.counted.tokens:,}"
    window = "–" if row.window is None else f"{row.window:,}"
    share = "–" if row.share is None else f"{row.share:.0%}"
    errors = "–" if row.error_rate is None else f"{row.error_rate:.1%}"
    told = (
        f"{marks} {printable(row.model)[: _NAME - 1]:<{_NAME}}{tokens:>11}{window:>11}{share:>7}"
        f"{usd(row.cold_nano, 4):>11}{usd(row.cached_nano, 4):>11}{errors:>8}"
    )
    return f"{told}  {row.why_not}".rstrip()


def _document(table: ModelTable) -> dict[str, object]:
    """Return the table as JSON: money in dollars and whole nano-dollars."""
    return {
        "complexity": {
            "value": table.complexity.value,
            "parts": {part.name: part.value for part in table.complexity.parts},
        },
        "models": [_record(row) for row in table.rows],
    }


def _record(row: Fitting) -> dict[str, object]:
    from tokwatch.cli.count import count_record

    return {
        "modelName": row.model,
        "provider": row.provider,
        "isUsed": row.is_used,
        **count_record(row.counted),
        "window": row.window,
        "windowShare": row.share,
        "fits": row.fits,
        "coldNano": row.cold_nano,
        "coldCost": dollars(row.cold_nano),
        "cachedNano": row.cached_nano,
        "cachedCost": dollars(row.cached_nano),
        "errorRate": row.error_rate,
        "attempts": row.attempts,
        "isSuitable": not row.why_not,
        "whyNot": row.why_not or None,
        "isCheapestSuitable": row.is_cheapest,
    }

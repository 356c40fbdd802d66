"""Fits tokens as counted here to tokens as billed: `a * tokens + b * calls`, with its error.

Pure. The error is measured on sessions that the fit has not seen. docs/calibration.md has the
rules in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from msgspec import Struct

LEAST_PAIRS: Final = 12
"""Fewer tell nothing, after those are dropped that do not belong."""
MOST_TIMES: Final = 3.0
"""A row beyond so many times its fit holds what no log shows: an image, a reminder, a file."""
FAR_TIMES: Final = 2 * MOST_TIMES
ROUNDS: Final = 2
FOLDS: Final = 5
"""Into so many parts a single session is divided, where there is no other to leave out."""
MOST_FOLDS: Final = 12
"""Of more sessions several are left out at once."""
_STEPS: Final = 30
_NEAR: Final = 1e-4
"""Steps end where the line no longer moves by so much."""
_FLOOR: Final = 1e-3
"""Least relative error that weighs: a smaller one would outweigh all others."""


class Pair(NamedTuple):
    """Text of which both counts are known: ours and the provider's."""

    session: str
    tokens: int
    calls: int
    """Of tools, in it: each brings a wrapping that no log shows."""
    billed: int


class Line(NamedTuple):
    """What a fit says."""

    a: float
    b: float

    def tokens(self, counted: int, calls: int = 0) -> float:
        """Return the tokens as billed that a text comes to."""
        return self.a * counted + self.b * calls


BEGIN: Final = Line(1.1, 50.0)


class Fit(Struct, frozen=True):
    """A fit with its error, measured on what it was not made from."""

    line: Line
    pairs: int
    """Those that it rests on."""
    dropped: int
    sessions: int
    error: float
    """Mean absolute relative error (MAPE), a session left out each time."""
    p90: float
    """Nine of ten errors are below it."""
    raw_error: float
    """The error of the count as it is."""


def fit(pairs: Iterable[Pair]) -> Fit | None:
    """Return the fit of some pairs; None where they are too few."""
    rows = [pair for pair in pairs if pair.billed > 0 and pair.tokens > 0]
    line, kept = _robust(rows)
    if line is None or len(kept) < LEAST_PAIRS:
        return None
    errors = sorted(_held_out(rows, line))
    if not errors:
        return None
    raw = [abs(row.tokens - row.billed) / row.billed for row in kept]
    return Fit(
        line,
        *(len(kept), len(rows) - len(kept), len({row.session for row in kept})),
        error=sum(errors) / len(errors),
        p90=errors[min(len(errors) - 1, int(0.9 * len(errors)))],
        raw_error=sum(raw) / len(raw),
    )


def _robust(rows: Sequence[Pair], begin: Line = BEGIN) -> tuple[Line | None, list[Pair]]:
    """Return the line of what belongs together, and that; two rounds.

    What is far from any line is left out from the start: one such row may outweigh all others.
    """
    near = [row for row in rows if _belongs(begin, row, FAR_TIMES)]
    kept, line = near if len(near) * 2 > len(rows) else list(rows), begin
    for _ in range(ROUNDS):
        found = _line(kept, line)
        if found is None:
            return None, []
        line = found
        kept = [row for row in rows if _belongs(line, row)]
    return _line(kept, line), kept


def _belongs(line: Line, row: Pair, times: float = MOST_TIMES) -> bool:
    told = line.tokens(row.tokens, row.calls)
    return told > 0 and row.billed / times <= told <= row.billed * times


def _line(rows: Sequence[Pair], begin: Line = BEGIN) -> Line | None:
    """Return the line of least absolute relative error, by weights made anew step by step."""
    if not rows:
        return None
    shares = [(row.tokens / row.billed, row.calls / row.billed) for row in rows]
    line = begin
    for _ in range(_STEPS):
        before, line = line, _weighted(shares, line)
        if abs(line.a - before.a) < _NEAR and abs(line.b - before.b) < 10 * _NEAR:
            break
    return line


def _weighted(shares: Sequence[tuple[float, float]], before: Line) -> Line:
    """Return the line of least squares of relative errors, each weighed by the line before.

    Neither number is below 0.
    """
    a, b = before
    tt = tc = cc = ty = cy = 0.0
    for t, c in shares:
        error = abs(a * t + b * c - 1)
        weight = 1 / (error if error > _FLOOR else _FLOOR)
        wt, wc = weight * t, weight * c
        tt += wt * t
        tc += wt * c
        cc += wc * c
        ty += wt
        cy += wc
    determinant = tt * cc - tc * tc
    if cc > 0 and determinant > 1e-9 * tt * cc:
        a, b = (cc * ty - tc * cy) / determinant, (tt * cy - tc * ty) / determinant
        if a > 0 and b >= 0:
            return Line(a, b)
    return Line(ty / tt, 0.0)


def _held_out(rows: Sequence[Pair], begin: Line) -> list[float]:
    """Return the errors of rows by lines that were made without their session."""
    found = []
    for others, left_out in _divided(rows):
        line, kept = _robust(others, begin)
        if line is not None and kept:
            found += [_error(line, row) for row in left_out if _belongs(line, row)]
    return found


def _divided(rows: Sequence[Pair]) -> list[tuple[list[Pair], list[Pair]]]:
    """Return the rows by session, each with all others; a single session in parts."""
    sessions = sorted({row.session for row in rows})
    folds = {session: number % MOST_FOLDS for number, session in enumerate(sessions)}
    if len(sessions) > 1:
        numbers = [folds[row.session] for row in rows]
    else:
        numbers = [number % FOLDS for number in range(len(rows))]
    return [
        (
            [row for row, number in zip(rows, numbers, strict=True) if number != fold],
            [row for row, number in zip(rows, numbers, strict=True) if number == fold],
        )
        for fold in sorted(set(numbers))
    ]


def _error(line: Line, row: Pair) -> float:
    return abs(line.tokens(row.tokens, row.calls) - row.billed) / row.billed

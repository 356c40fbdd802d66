"""Reads a terminal's output for what the session table showed, and when."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from bench.terminal import MOVE, Piece, plain

_ROW: Final = re.compile(r"\b(live-\d+)\b.*?\$([\d,]+\.\d\d)")
_READING: Final = re.compile(r"reading history")

Shown = dict[str, list[tuple[float, float]]]
"""Session -> moments at which another cost was painted, and those costs in dollars."""


def costs_shown(pieces: Iterable[Piece]) -> Shown:
    """Return when each session's cost was painted."""
    shown: Shown = {}
    rest = b""
    for piece in pieces:
        parts = MOVE.split(rest + piece.data)
        rest = parts[-1]  # perhaps the beginning of a line
        for part in parts:
            if row := _ROW.search(plain(part)):
                name, dollars = row[1], float(row[2].replace(",", ""))
                told = shown.setdefault(name, [])
                if not told or told[-1][1] != dollars:
                    told.append((piece.at, dollars))
    return shown


def painted_at(shown: Shown, name: str, dollars: float) -> float | None:
    """Return when a session was first shown to have cost so much."""
    return next((at for at, cost in shown.get(name, ()) if cost >= dollars), None)


def history_read_at(pieces: Iterable[Piece]) -> float | None:
    """Return when the bar of the history was drawn last, None where it never was."""
    last = None
    for piece in pieces:
        if _READING.search(plain(piece.data)):
            last = piece.at
    return last

"""Finds the few lines of a log that tell of usage, and picks out of them what is asked for.

A line's head says what it is: what lies before its second brace is the record's own, and inside a
string every quote is escaped. The work is done by quick_sieve.pyx where that is compiled, and here
where it is not; both tell the same of any bytes, but for rows that a compiled one lets stand for
others (Latest).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import starmap
from typing import Final, NamedTuple

from tokwatch.sources.counts import instant_ms
from tokwatch.sources.glued import NOT_JSON
from tokwatch.sources.lines import Found, Lines, Row

try:
    from tokwatch.sources import quick_sieve
except ImportError:  # there was no compiler when tokwatch was installed
    quick_sieve = None  # type: ignore[assignment]

FORM: Final = 2
COMPILED: Final = quick_sieve is not None and quick_sieve.FORM == FORM
"""Whether the compiled module is there, and of these sources."""

TEXT, COUNT, NUMBER, FLAG, INSTANT, LIST, PRESENT, LINE, FIRST, REPLACED = range(10)
"""Kinds of values: str, int, float, bool, UTC milliseconds, JSON of a list, whether there is such
an object; the line itself, the least instant of the rows that this one stands for, how many others
these are. What is missing is None, for FLAG and PRESENT False."""

SKIP, PICK, GIVE = range(3)
"""What becomes of a line: passed over, its values picked, or given as it is."""


class Field(NamedTuple):
    """A value that is asked for."""

    path: tuple[str, ...]
    kind: int


class Head(NamedTuple):
    """What becomes of lines whose type begins so; of several, the first that fits decides."""

    kind: bytes
    action: int
    inner: bytes = b""
    """How the record's first inner object begins."""
    holding: bytes = b""
    """Without this behind its type, the line tells nothing."""


class Heads(NamedTuple):
    """How to tell lines apart; any type that is not named here is passed over."""

    types: tuple[str, ...]
    """The types of records whose values are picked: always the first Field."""
    heads: tuple[Head, ...]
    """Their kinds are equally long."""
    untyped: int
    """What becomes of a line whose type does not stand before its second brace."""
    glued: bytes
    """What a record has near its end that lost the newline before it; never empty."""
    window: int
    """Bytes at a line's end in which `glued` shows then."""
    aside: bytes = b""
    """What stands before the second brace of an untyped line that is passed over all the same."""


class Latest(NamedTuple):
    """Rows that may stand for the one right before them too; none where nothing is to be alike."""

    alike: tuple[int, ...] = ()
    """Texts that both tell alike, by their places among the fields."""
    told: tuple[int, ...] = ()
    """What else both tell, beside an instant."""


NONE_LATEST: Final = Latest()
_TYPE: Final = b'"type":"'
_AFTER_TYPE: Final = len(_TYPE)
_WHOLE_ENDS: Final = (b"}\n", b"}\r\n", b"}")


class Sieve:
    """Tells, of a log's lines, those that have one of some heads."""

    def __init__(
        self,
        heads: Heads,
        fields: Sequence[Field],
        pick: Callable[[bytes], Row],
        latest: Latest = NONE_LATEST,
    ) -> None:
        """Prepare to look for lines; `pick` decodes one, or raises one of NOT_JSON."""
        self._plain = PlainSieve(heads, pick)
        self._quick = None
        if COMPILED:
            self._quick = quick_sieve.QuickSieve(fields, heads, latest, instant_ms)

    def sift(self, lines: Lines) -> Iterator[Found]:
        """Yield what each run of lines tells."""
        if self._quick is None or lines.may_be_too_long:
            return self._plain.sift(lines)
        return lines.sifted(self._quick.sift, self._plain.look)


class PlainSieve:
    """A sieve in Python."""

    def __init__(self, heads: Heads, pick: Callable[[bytes], Row]) -> None:
        """Prepare to look for lines; `pick` decodes one, or raises one of NOT_JSON."""
        self._heads = heads
        self._pick = pick
        self._width = len(heads.heads[0].kind)
        self._of_kind: dict[bytes, tuple[Head, ...]] = {
            head.kind: tuple(each for each in heads.heads if each.kind == head.kind)
            for head in heads.heads
        }

    def sift(self, lines: Lines) -> Iterator[Found]:
        """Yield what runs of lines tell."""
        return starmap(self.look, lines)

    def look(self, offset: int, run: list[bytes]) -> Found:
        """Return what a run of lines tells."""
        of_kind, width, pick = self._of_kind, self._width, self._pick
        types, _, untyped, glued, window, aside = self._heads
        found: Found = []
        for line in run:
            second = line.find(b"{", 1)
            at = line.find(_TYPE, 0, second)
            if at > 0:
                kind = line[at + _AFTER_TYPE : at + _AFTER_TYPE + width]
                action = _by_head(of_kind[kind], line, at, second) if kind in of_kind else SKIP
            elif aside and line.endswith(aside, 0, second):
                action = SKIP
            else:
                action = untyped
            if action == PICK:
                try:
                    row = pick(line)
                except NOT_JSON:
                    found.append((offset, line))
                else:
                    found.append((offset, row if row[0] in types else line))
            elif (
                action == GIVE
                or line.find(glued, -window) > 0
                or (line[-2:-1] != b"}" and not line.endswith(_WHOLE_ENDS))
            ):
                found.append((offset, line))
            offset += len(line)
        return found


def _by_head(heads: tuple[Head, ...], line: bytes, at: int, second: int) -> int:
    for _, action, inner, holding in heads:
        if not inner or line.startswith(inner, second):
            return SKIP if holding and line.find(holding, at) < 0 else action
    return SKIP

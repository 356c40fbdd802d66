"""What changed between a text and another version of it, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tokwatch.compress.nouns import Change

_WORDS: Final = re.compile(r"\s*\S+|\s+\Z")


def changes(part: int, old: str, new: str, reason: str) -> Iterator[Change]:
    """Yield the changes of words that make one text of the other."""
    from rapidfuzz.distance import Indel

    before, after = _WORDS.findall(old), _WORDS.findall(new)
    starts = _starts(before)
    ops = list(Indel.opcodes(before, after))
    first = 0
    while first < len(ops):
        last = first
        if ops[first].tag != "equal":
            while last + 1 < len(ops) and ops[last + 1].tag != "equal":
                last += 1
            begin, end = ops[first].src_start, ops[last].src_end
            put = "".join(after[ops[first].dest_start : ops[last].dest_end])
            yield _change(part, old, starts[begin], starts[end], put, reason)
        first = last + 1


def _change(part: int, old: str, start: int, end: int, put: str, reason: str) -> Change:
    if start == end and start > 0:
        start, put = start - 1, old[start - 1] + put
    elif start == end:
        end, put = 1, put + old[:1]
    return Change(part, start, end, put, reason)


def _starts(words: list[str]) -> list[int]:
    found = [0]
    for word in words:
        found.append(found[-1] + len(word))
    return found

"""Sketches of texts: those of near-duplicates differ in few bits, and no word can be told from one.

A sketch is a similarity hash of pairs of neighbouring words: each bit is what most of the pairs'
hashes have there.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from itertools import pairwise
from typing import Final

BITS: Final = 63
LEAST_WORDS: Final = 12
"""Of a shorter text a sketch says little."""
ENDS: Final = 1_000
"""Bytes at either end of a text that its sketch is made of."""
_WORD: Final = re.compile(rb"[0-9A-Za-z_\x80-\xff]+")
_HASH_BYTES: Final = 8


def sketch_of(content: bytes) -> int:
    """Return the sketch of a text; 0 where it is too short for one."""
    looked_at = content
    if len(content) > 2 * ENDS:
        looked_at = content[:ENDS] + b" " + content[-ENDS:]
    words = _WORD.findall(looked_at)
    if len(words) < LEAST_WORDS:
        return 0
    hashes = b"".join(
        blake2b(b" ".join(pair), digest_size=_HASH_BYTES).digest() for pair in pairwise(words)
    )
    count = len(words) - 1
    every = int.from_bytes(hashes, "big")
    ones = int.from_bytes((b"\0" * (_HASH_BYTES - 1) + b"\1") * count, "big")
    found = 0
    for bit in range(BITS):
        # The pairs whose hash has this bit, all counted at once.
        if (every & (ones << bit)).bit_count() * 2 > count:
            found |= 1 << bit
    return found

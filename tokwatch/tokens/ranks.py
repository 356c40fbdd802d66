"""The packed ranks of an encoding: unpacked to the bytes that tiktoken knows, and checked."""

from __future__ import annotations

import hashlib
import lzma
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tokwatch.errors import TokwatchError

FOLDER: Final = Path(__file__).parent / "packed"


class Ranks(NamedTuple):
    """Where an encoding's ranks lie, packed, and what they are once unpacked."""

    file: str
    address: str
    """Under which tiktoken asks for them."""
    sha256: str
    """Of the unpacked bytes, as tiktoken demands it."""

    @property
    def cached_as(self) -> str:
        """Return the name of the file that tiktoken looks for."""
        return hashlib.sha1(self.address.encode(), usedforsecurity=False).hexdigest()


def unpacked(ranks: Ranks, folder: Path = FOLDER) -> bytes:
    """Return the ranks as tiktoken reads them; what is not whole is refused."""
    try:
        packed = lzma.decompress((folder / ranks.file).read_bytes())
        rebuilt = b"".join(
            b64encode(token) + b" %d\n" % rank for rank, token in enumerate(_tokens(packed))
        )
    except (OSError, lzma.LZMAError):
        rebuilt = b""
    if hashlib.sha256(rebuilt).hexdigest() != ranks.sha256:
        raise TokwatchError(f"{ranks.file} of the tokenizer is damaged.", "Install tokwatch again.")
    return rebuilt


def is_whole(file: Path, sha256: str) -> bool:
    """Tell whether a file is there and has a hash."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest() == sha256
    except OSError:
        return False


def _tokens(packed: bytes) -> Iterator[bytes]:
    """Yield tokens in the order of their rank: a byte of length, then the token."""
    place, end = 0, len(packed)
    while place < end:
        begin = place + 1
        place = begin + packed[place]
        yield packed[begin:place]

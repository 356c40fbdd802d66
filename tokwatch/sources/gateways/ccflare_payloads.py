"""What the beginning and end of a kept response tell: its id, and how long cache writes live."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Final, NamedTuple

from tokwatch.sources.gateways.witness import first_text
from tokwatch.sources.identity import names_response

_ID: Final = re.compile(rb'"id"\s*:\s*"((?:msg_|resp_|chatcmpl-|cmpl-|gen-)[\w.-]{1,400})"')
_LONG: Final = re.compile(rb'"ephemeral_1h_input_tokens"\s*:\s*(\d{1,10})\b')


class Heard(NamedTuple):
    """What a payload tells that its row does not."""

    response: str
    """The provider's response id; "" where the payload tells none."""
    long_writes: int
    """Tokens written to the cache for an hour."""
    session: str


def heard_in(row: dict[str, object]) -> Heard | None:
    """Return what a row's payload tells; None where there is no payload."""
    pieces = [_decoded(row[name]) for name in ("head", "tail") if row[name] is not None]
    if not pieces:
        return None
    found = _ID.search(pieces[0])
    response = found.group(1).decode("ascii", "replace") if found else ""
    long = next((it.group(1) for it in map(_LONG.search, pieces) if it), b"0")
    session = first_text(row["session"])
    return Heard(response if names_response(response) else "", int(long), session)


def _decoded(piece: object) -> bytes:
    """Return the bytes of a piece of base64; nothing where it is none."""
    if not isinstance(piece, str) or not piece.isascii():
        return b""
    try:
        return b64decode(piece[: len(piece) // 4 * 4])
    except ValueError:
        return b""

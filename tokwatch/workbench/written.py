"""What a model of the user's choice wrote for the workbench, with the very text that it is of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from zlib import crc32

from msgspec import Struct

from tokwatch.compress.nouns import Change, Prompt

REWRITING: Final = "rewriting"
SUMMARY: Final = "summary"


class SummaryWritten(Struct, frozen=True):
    """A summary that stands for messages of a chat."""

    text: str
    replaced: tuple[int, ...]
    """Numbers of the messages."""
    originals: tuple[str, ...]
    """What the messages said, to be opened again."""
    of: int
    """Digest of the messages that it was written from."""
    model: str = ""
    nano: int | None = None
    """What it cost; None where its price is not known."""

    def is_of(self, prompt: Prompt) -> bool:
        """Tell whether its messages are still those that it was written from."""
        is_there = max(self.replaced, default=0) < len(prompt.messages)
        return is_there and digest(prompt, self.replaced) == self.of


class Rewriting(Struct, frozen=True):
    """A part as a model rewrote it, as changes of its words."""

    part: int
    old: str
    """The part that it was written from."""
    changes: tuple[Change, ...]
    model: str = ""
    nano: int | None = None

    def is_of(self, prompt: Prompt) -> bool:
        """Tell whether its part is still the one that it was written from."""
        return self.part < len(prompt.parts) and prompt.parts[self.part].text == self.old


def digest(prompt: Prompt, messages: Iterable[int]) -> int:
    """Return a number that is another one as soon as the texts of messages are others."""
    found = 0
    for number in messages:
        for part in prompt.messages[number].parts:
            found = crc32(prompt.parts[part].text.encode("utf-8", "surrogatepass"), found)
            found = crc32(b"\0", found)
    return found


def spent_nano(summary: SummaryWritten | None, rewritings: Iterable[Rewriting]) -> int | None:
    """Return what a model cost in all; None where none was asked, or no price is known."""
    costs = [one.nano for one in (summary, *rewritings) if one is not None and one.nano is not None]
    return sum(costs) if costs else None

"""One message of a chat as text to be edited, and the chat with that text in its place."""

from __future__ import annotations

from typing import Final

from tokwatch.compress.nouns import Kind, Prompt, Shape
from tokwatch.compress.shapes import read_prompt, written
from tokwatch.errors import TokwatchError

LONGEST_LINE: Final = 20_000
"""Characters of a line up to which it is edited on the screen."""


def part_text(text: str, part: int | None) -> tuple[int, str]:
    """Return the part that is to be edited, the newest of the user where none is named."""
    prompt = read_prompt(text)
    number = part_number(prompt, part)
    found = prompt.parts[number].text
    longest = max(map(len, found.split("\n")))
    if longest > LONGEST_LINE:
        told = f"It has a line of {longest:,} characters, too long to be edited here."
        raise TokwatchError(told, "E opens it in your editor.")
    return number, found


def part_number(prompt: Prompt, part: int | None) -> int:
    """Return the part that is meant: the one named, else the newest of the user."""
    if prompt.shape is Shape.PLAIN:
        return 0
    if part is None or not prompt.parts[part].is_editable:
        return _newest(prompt)
    return part


def said(text: str) -> str:
    """Return what a prompt says: of a chat the texts of its messages, not its braces."""
    prompt = read_prompt(text)
    return text if prompt.shape is Shape.PLAIN else "\n".join(one.text for one in prompt.parts)


def with_part(text: str, part: int, changed: str) -> str:
    """Return a prompt with another text in one part, in its shape."""
    prompt = read_prompt(text)
    if prompt.shape is Shape.PLAIN:
        return changed
    texts = [one.text for one in prompt.parts]
    texts[part] = changed
    return written(prompt, texts)


def _newest(prompt: Prompt) -> int:
    for kinds in ((Kind.USER,), (Kind.USER, Kind.SYSTEM, Kind.ASSISTANT, Kind.RESULT)):
        found = [n for n, one in enumerate(prompt.parts) if one.kind in kinds]
        if found:
            return found[-1]
    raise TokwatchError("No message of this chat can be edited.")

"""Reads a prompt: chat JSON as Anthropic and OpenAI write it, or plain text; and writes it back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final  # Any: chat JSON

from msgspec.structs import replace

from tokwatch.compress.nouns import Kind, Message, Part, Prompt, Shape
from tokwatch.errors import TokwatchError

_ROLES: Final = {
    "system": Kind.SYSTEM,
    "developer": Kind.SYSTEM,
    "user": Kind.USER,
    "human": Kind.USER,
    "assistant": Kind.ASSISTANT,
    "tool": Kind.RESULT,
    "function": Kind.RESULT,
}
_CHAT: Final = re.compile(r'\s*[\[{](?=.{0,4000}?"role"\s*:)', re.S)
_TOOLS: Final = ("tools", "functions", "response_format")
"""Where a request tells the model what it may call, and in what form to answer."""
_PICTURES: Final = frozenset(
    {"image", "image_url", "input_image", "document", "file", "input_file", "input_audio"}
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_INDENT: Final = re.compile(r"\s*[\[{]\r?\n([ \t]*)")
_MARK: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[,:] ?', re.S)
_BINARY_SHARE: Final = 0.02
_LONGEST: Final = 64_000_000

Path = tuple[str | int, ...]


def read_prompt(text: str) -> Prompt:
    """Return a text as a prompt; raise where it is no text at all."""
    _check(text)
    note = ""
    if _CHAT.match(text):
        try:
            given = json.loads(text)
        except ValueError as error:
            note = f"looks like a chat, but is no JSON ({error}): read as plain text"
        except RecursionError:
            note = "is nested too deeply for a chat: read as plain text"
        else:
            chat = _chat(text, given)
            if chat is not None:
                return chat
    part = Part(text, Kind.PLAIN)
    return Prompt(text, Shape.PLAIN, (part,), (Message("user", (0,)),), note)


def written(prompt: Prompt, texts: Sequence[str], dropped: Iterable[int] = ()) -> str:
    """Return the prompt with other texts in its parts and without some messages, in its shape."""
    gone = {prompt.messages[number].place for number in dropped}
    is_same = all(part.text == text for part, text in zip(prompt.parts, texts, strict=True))
    if is_same and not gone:
        return prompt.text
    if prompt.shape is Shape.PLAIN:
        return texts[0]
    given = json.loads(prompt.text)
    for part, text in zip(prompt.parts, texts, strict=True):
        if part.is_editable and part.text != text:
            _put(given, part.path, text)
    for place in sorted((place for place in gone if place is not None), reverse=True):
        del _messages(given)[place]
    return json_like(prompt.text, given)


def json_like(text: str, given: object) -> str:
    """Return values as JSON laid out as a text is: its indents, blanks, escapes and last line."""
    found = _INDENT.match(text)
    marks = [next((one for one in _marks(text) if one[0] == mark), mark) for mark in ",:"]
    written = json.dumps(
        given,
        ensure_ascii=text.isascii() and "\\u" in text,
        indent=found[1] if found else None,
        separators=("," if found else marks[0], marks[1]),
    )
    return written + text[len(text.rstrip()) :]


def _marks(text: str) -> Iterator[str]:
    """Yield the commas and colons between the values of JSON, each with the blank after it."""
    return (one[0] for one in _MARK.finditer(text) if one[0][0] != '"')


def _check(text: str) -> None:
    if len(text) > _LONGEST:
        raise TokwatchError(f"The text is too long: {len(text):,} characters.")
    found = _SURROGATE.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise TokwatchError(
            f"Line {line} holds half of a character: this is no valid text.",
            "Save it as UTF-8 and try again.",
        )
    head = text[:4000]
    controls = sum(c < " " and c not in "\t\n\r\x0b\x0c\x1b\x07\x08" for c in head)
    if "\x00" in head or controls > len(head) * _BINARY_SHARE:
        raise TokwatchError("This is no text but binary content.")


def _chat(text: str, given: Any) -> Prompt | None:
    """Return chat JSON as a prompt; None where it is no chat."""
    messages = _messages(given)
    is_chat = bool(messages) and all(
        isinstance(one, dict) and one.get("role") in _ROLES for one in messages
    )
    if not is_chat:
        return None
    parts: list[tuple[Part, str]] = []
    read: list[Message] = []
    if isinstance(given, dict):
        parts, read = _beside(given)
    prefix: Path = ("messages",) if isinstance(given, dict) else ()
    for place, one in enumerate(messages):
        found = list(_message(one, (*prefix, place), len(read)))
        numbers = tuple(range(len(parts), len(parts) + len(found)))
        calls = tuple(dict.fromkeys(call for _, call in found if call))
        kinds = {part.kind for part, _ in found}
        read.append(Message(one["role"], numbers, calls, place, kinds == {Kind.RESULT}))
        parts += found
    if any(_SURROGATE.search(part.text) for part, _ in parts):
        raise TokwatchError("A message holds half of a character: this is no valid text.")
    pictures = sum(_pictures(one.get("content")) for one in messages)
    told = "pictures, sounds and files of it are not counted" if pictures else ""
    return Prompt(text, _shape(given, messages), tuple(_named(parts)), tuple(read), told)


def _pictures(given: Any) -> int:
    """Return how many pictures, sounds and files a message holds."""
    blocks = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    inner = sum(_pictures(one.get("content")) for one in blocks)
    return inner + sum(one.get("type") in _PICTURES for one in blocks)


def _beside(given: Mapping[str, Any]) -> tuple[list[tuple[Part, str]], list[Message]]:
    """Return what a request holds beside its messages: definitions of tools, a system prompt."""
    parts: list[tuple[Part, str]] = []
    read: list[Message] = []
    for name in _TOOLS:
        if given.get(name):
            text = json.dumps(given[name], ensure_ascii=False, separators=(",", ":"))
            parts.append((Part(text, Kind.TOOLS, 0, (name,)), ""))
    if parts:
        read.append(Message("tools", tuple(range(len(parts)))))
    if given.get("system"):
        found = list(_contents(given["system"], ("system",), Kind.SYSTEM, len(read)))
        read.append(Message("system", tuple(range(len(parts), len(parts) + len(found)))))
        parts += found
    return parts, read


def _messages(given: Any) -> list[Any]:
    messages = given.get("messages") if isinstance(given, dict) else given
    return messages if isinstance(messages, list) else []


def _shape(given: object, messages: Sequence[Mapping[str, Any]]) -> Shape:
    roles = {one["role"] for one in messages}
    if roles & {"system", "developer", "tool", "function"}:
        return Shape.OPENAI
    if any("tool_calls" in one for one in messages):
        return Shape.OPENAI
    blocks = [b for one in messages if isinstance(one.get("content"), list) for b in one["content"]]
    is_openai = any(
        isinstance(b, dict) and b.get("type") in ("image_url", "input_text") for b in blocks
    )
    return Shape.OPENAI if is_openai else Shape.ANTHROPIC


def _message(one: Mapping[str, Any], path: Path, number: int) -> Iterator[tuple[Part, str]]:
    """Yield a message's parts, each with the id of the call that it makes or answers."""
    kind = _ROLES[one["role"]]
    call = str(one.get("tool_call_id") or "")
    for part, inner in _contents(one.get("content"), (*path, "content"), kind, number):
        yield part, inner or call
    for place, made in enumerate(one.get("tool_calls") or ()):
        asked = made.get("function") or {} if isinstance(made, dict) else {}
        text = f"{asked.get('name', '')} {asked.get('arguments', '')}"
        place_of = (*path, "tool_calls", place)
        yield (
            Part(text, Kind.CALL, number, place_of, str(asked.get("name", ""))),
            str(made.get("id", "")),
        )


def _contents(given: Any, path: Path, kind: Kind, number: int) -> Iterator[tuple[Part, str]]:
    if isinstance(given, str):
        yield Part(given, kind, number, path), ""
    if not isinstance(given, list):
        return
    for place, block in enumerate(given):
        if isinstance(block, str):
            yield Part(block, kind, number, (*path, place)), ""
        elif isinstance(block, dict):
            yield from _block(block, (*path, place), kind, number)


def _block(
    block: Mapping[str, Any], path: Path, kind: Kind, number: int
) -> Iterator[tuple[Part, str]]:
    match block.get("type"):
        case "text" | "input_text" | "output_text":
            yield Part(str(block.get("text", "")), kind, number, (*path, "text")), ""
        case "tool_result":
            call = str(block.get("tool_use_id", ""))
            for part, _ in _contents(block.get("content"), (*path, "content"), Kind.RESULT, number):
                yield part, call
        case "tool_use":
            text = f"{block.get('name', '')} {json.dumps(block.get('input'), ensure_ascii=False)}"
            name = str(block.get("name", ""))
            yield Part(text, Kind.CALL, number, path, name), str(block.get("id", ""))
        case "thinking":
            yield Part(str(block.get("thinking", "")), Kind.CALL, number, path), ""
        case _:
            pass


def _named(found: Sequence[tuple[Part, str]]) -> Iterator[Part]:
    """Yield parts, those that answer a call with what was asked."""
    asked = {call: part.text for part, call in found if call and part.kind is Kind.CALL}
    for part, call in found:
        is_answer = part.kind is Kind.RESULT and call in asked
        yield replace(part, about=asked[call]) if is_answer else part


def _put(given: Any, path: Path, text: str) -> None:
    for step in path[:-1]:
        given = given[step]
    given[path[-1]] = text

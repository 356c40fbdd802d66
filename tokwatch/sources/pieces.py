"""What messages hold: texts, images, calls and results, as providers and tools spell them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from tokwatch.model.detail import Block, Part
from tokwatch.sources.answering import Answer
from tokwatch.sources.beside import part, plain
from tokwatch.sources.conversation import At, Conversation, decoded, encoded
from tokwatch.sources.subjects import subject_of

ASIDE: Final = re.compile(
    r"\s*<(?:system[-_]reminder|environment_(?:details|context)|session_context|user_info"
    r"|git_status|project_layout|additional_data|attached_files|context|open_and_recently"
    r"|rules?|skills?|available_skills|local-command|bash-(?:input|stdout|stderr)|info-msg"
    r"|task-notification|current_datetime|reminder|system|hook\w*|notifications?)\b",
)
"""How what a tool itself says in the user's place begins."""
_MEMORY_FILE: Final = re.compile(
    r"(?:CLAUDE|AGENTS?|GEMINI|QWEN|MEMORY|CRUSH|HERMES|\.goosehints|\.clinerules|\.roo)\b.{0,4}"
    r"(?:md|hints|rules)|claudeMd|\.goosehints|\.clinerules"
)
_FILES: Final = "--- Content from referenced files ---"
_FILES_END: Final = "--- End of content ---"
"""Between these the tool puts the files that a message of the user names."""
_LOOKED_AT: Final = 2000
_MOST_DEPTH: Final = 6
_IMAGES: Final = ("image", "input_image", "image_url", "media")
_CALLS: Final = ("tool_use", "toolCall", "tool-call", "tool_call", "server_tool_use")
_RESULTS: Final = ("tool_result", "tool-result", "toolResult")
_TEXTS: Final = ("text", "content", "output", "value", "message", "error", "result")
"""Fields in which an object keeps its text, the likeliest first."""


def pieces_of(content: object) -> list[dict[str, Any]]:
    """Return the pieces of a message's content: of a text the one that it is."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    listed = content if isinstance(content, list) else [content]
    found = ({"type": "text", "text": one} if isinstance(one, str) else one for one in listed)
    return [piece for piece in found if isinstance(piece, dict)]


def plain_texts(content: object) -> Iterator[str]:
    """Yield the texts of a content: one text, or a list of parts."""
    if isinstance(content, str):
        yield content
    for piece in content if isinstance(content, list) else ():
        if isinstance(piece, dict) and isinstance(text := piece.get("text"), str):
            yield text


def texts_of(content: object, depth: int = 0) -> Iterator[str]:
    """Yield the texts of what a tool answered, however it is wrapped; of other values the JSON."""
    if isinstance(content, str):
        if content:
            yield content
    elif isinstance(content, list) and depth < _MOST_DEPTH:
        for one in content:
            yield from texts_of(one, depth + 1)
    elif isinstance(content, dict):
        if is_image(content):
            return
        told = next((content[name] for name in _TEXTS if content.get(name)), None)
        if told is not None and depth < _MOST_DEPTH:
            yield from texts_of(told, depth + 1)
        elif content and "type" not in content:
            yield encoded(content).decode("utf-8", "surrogatepass")
    elif content is not None:
        yield encoded(content).decode("utf-8", "surrogatepass")


def images_of(content: object, depth: int = 0) -> Iterator[str]:
    """Yield the images of a content, in base64 or by their address."""
    if isinstance(content, dict):
        if is_image(content):
            yield image_in(content)
            return
        content = [content[name] for name in _TEXTS if isinstance(content.get(name), list | dict)]
    if isinstance(content, list) and depth < _MOST_DEPTH:
        for one in content:
            yield from images_of(one, depth + 1)


def is_image(piece: dict[str, Any]) -> bool:
    """Tell a piece that is an image."""
    if "inlineData" in piece:
        return True
    return piece.get("type") in _IMAGES


def image_in(piece: dict[str, Any]) -> str:
    """Return the image of a piece."""
    address = piece.get("image_url")
    places = (piece, part(piece, "source"), part(piece, "inlineData"), part(piece, "image_url"))
    told = [place.get(name) for place in places for name in ("data", "url", "image")]
    return next((one for one in (address, *told) if isinstance(one, str) and one), "")


def part_of(text: str) -> Part:
    """Return what sort of text stands in a message of the user's."""
    if not ASIDE.match(text):
        return Part.USER
    return Part.MEMORY if _MEMORY_FILE.search(text[:_LOOKED_AT]) else Part.ATTACHMENT


def is_prompt(pieces: list[dict[str, Any]]) -> bool:
    """Tell whether pieces hold anything that the user said, and no tool's result."""
    if any(piece.get("type") in _RESULTS for piece in pieces):
        return False
    texts = [plain(piece.get("text")) for piece in pieces]
    if any(text.strip() and part_of(text) is Part.USER for text in texts):
        return True
    return any(is_image(piece) for piece in pieces)


def take_asked(talk: Conversation, at: At, content: object, *, sort: Part | None = None) -> None:
    """Take a message that is no answer: what the user said, or tools answered.

    Texts are of the given sort, or of the one that they begin like.
    """
    pieces = pieces_of(content)
    if sort is None and is_prompt(pieces):
        talk.turns.begin(at)
    in_files = False
    for piece in pieces:
        text = plain(piece.get("text"))
        in_files = in_files or _FILES in text[:_LOOKED_AT]
        if piece.get("type") in _RESULTS:
            take_result(talk, at, piece)
        elif is_image(piece):
            talk.image(at, image_in(piece))
        elif text:
            own = Part.ATTACHMENT if in_files else part_of(text)
            talk.text(at, sort or own, text)
        in_files = in_files and _FILES_END not in text


def take_result(talk: Conversation, at: At, piece: dict[str, Any]) -> Block | None:
    """Take what a tool answered, in one piece of a message."""
    names = ("tool_use_id", "toolUseID", "toolCallId", "tool_call_id", "callId", "id")
    identity = next((plain(piece[name]) for name in names if plain(piece.get(name))), "")
    told = next((piece[name] for name in _TEXTS if piece.get(name)), None)
    is_error = piece.get("is_error") is True or piece.get("isError") is True
    return talk.result(
        *(at, list(texts_of(told)), list(images_of(told)), identity), is_error=is_error
    )


def take_said(answer: Answer, content: object) -> list[Block]:
    """Take an answer's content, and return the calls in it that are new."""
    calls: list[Block] = []
    for piece in pieces_of(content):
        kind, text = plain(piece.get("type")), plain(piece.get("text"))
        if kind in ("thinking", "reasoning", "think"):
            thought = plain(piece.get("thinking")) or plain(piece.get("think")) or text
            marks = ("signature", "thinkingSignature", "encrypted", "data")
            answer.thought(thought, next((m for m in map(plain, map(piece.get, marks)) if m), ""))
        elif kind in ("redacted_thinking", "redactedThinking"):
            answer.thought("", plain(piece.get("data")))
        elif kind in _CALLS:
            block = take_call(answer, piece)
            calls += [] if block is None else [block]
        elif kind.endswith("tool_result"):
            answer.served(encoded(piece.get("content")), plain(piece.get("tool_use_id")))
        elif text:
            answer.text(text)
    return calls


def take_call(answer: Answer, piece: dict[str, Any]) -> Block | None:
    """Take one call of a tool, also one in the spelling of OpenAI."""
    function = part(piece, "function")
    name = plain(piece.get("name")) or plain(piece.get("toolName")) or plain(function.get("name"))
    places = (piece, function)
    told = [place.get(name) for place in places for name in ("input", "arguments", "args")]
    arguments = next((one for one in told if one is not None), None)
    identity = plain(piece.get("id")) or plain(piece.get("toolCallId"))
    return answer.call(
        *(name, arguments, identity, subject_in(arguments)),
        is_served=piece.get("type") == "server_tool_use",
    )


def subject_in(arguments: object) -> int:
    """Return the hash of what a call is about; its arguments may be JSON."""
    found = decoded(arguments) if isinstance(arguments, str) else arguments
    return subject_of(found)

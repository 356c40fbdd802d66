"""Source code without comments, or as a skeleton: signatures and what they say of themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final  # Any: tree-sitter's nodes

from msgspec.structs import replace

from tokwatch.compress.draft import Span
from tokwatch.compress.nouns import Change, Risk
from tokwatch.compress.numbered import Numbered
from tokwatch.compress.protect import Guard
from tokwatch.compress.scene import Finder, Scene, Settings, Stage, Touch
from tokwatch.compress.syntax import code, missing, tree

_COMMENTS: Final = {"comment", "line_comment", "block_comment"}
_FUNCTIONS: Final = {
    "function_definition", "function_declaration", "method_definition", "method_declaration",
    "function_item", "constructor_declaration", "generator_function_declaration",
}  # fmt: skip
_PRAGMAS: Final = (
    *("#!", "#[", "# -*-", "# type:", "# noqa", "# pragma", "# fmt", "# mypy", "# pylint"),
    *("// eslint", "/* eslint", "// @ts", "// prettier", "//go:", "// +build", "/*!"),
)
_SHORT_BODY: Final = 80
_FindIn = Callable[[int, str, Any, str], Iterator[Change]]


def _finder(kind: str) -> Finder:
    find_in = _comments if kind == "comments" else _bodies

    def find(scene: Scene) -> Iterator[Change]:
        is_open = Guard.FENCE in scene.settings.open
        for view in scene.views:
            for start, end, name in code(view.text, view.about, is_open):
                for change in _found(view.number, view.text[start:end], name, find_in):
                    yield replace(change, start=start + change.start, end=start + change.end)

    return find


def _found(part: int, text: str, name: str, find_in: _FindIn) -> Iterable[Change]:
    """Return the changes of a source, or of the one that stands behind a column of numbers."""
    numbered = Numbered.of(text)
    readings = [None] if numbered is None else [None, numbered]
    if numbered is not None and numbered.is_whole:
        readings.reverse()
    for reading in readings:
        source = text if reading is None else reading.code
        root = tree(source, name)
        if root is not None:
            changes = find_in(part, source, root, name)
            return changes if reading is None else reading.restored(changes)
    return ()


def _comments(part: int, source: str, root: Any, name: str) -> Iterator[Change]:
    raw = source.encode()
    for node in _nodes(root, _COMMENTS):
        text = raw[node.start_byte : node.end_byte].decode()
        if text.startswith(_PRAGMAS):
            continue
        start, end = _characters(raw, node.start_byte, node.end_byte)
        line = source.rfind("\n", 0, start) + 1
        stop = source.find("\n", end)
        stop = len(source) if stop < 0 else stop
        if not source[line:start].strip() and not source[end:stop].strip():
            start, end = line, min(len(source), stop + 1)
        elif not source[end:stop].strip():
            start = line + len(source[line:start].rstrip())
        yield Change(part, start, end, _instead(source, start, end), "comment")


def _instead(source: str, start: int, end: int) -> str:
    """Return what keeps apart what a comment inside a line stood between."""
    before, after = source[start - 1 : start], source[end : end + 1]
    if before in ("", "\n") or after in ("", "\n"):
        return ""
    if "\n" in source[start:end]:
        return "\n"
    return "" if before.isspace() or after.isspace() else " "


def _bodies(part: int, source: str, root: Any, name: str) -> Iterator[Change]:
    raw = source.encode()
    for node in _nodes(root, _FUNCTIONS):
        body = node.child_by_field_name("body")
        if body is None or body.end_byte - body.start_byte < _SHORT_BODY:
            continue
        begin, shown = body.start_byte, "{ … }"
        if name == "python":
            begin, shown = _after_docstring(body), "..."
        elif name == "bash":
            continue
        start, end = _characters(raw, begin, body.end_byte)
        if end - start >= _SHORT_BODY // 2:
            yield Change(part, start, end, shown, "body of a function")


def _after_docstring(body: Any) -> int:
    """Return where a Python function's work begins."""
    first = body.named_children[0]
    is_text = first.type == "expression_statement" and first.named_children[0].type == "string"
    if is_text and len(body.named_children) > 1:
        return int(body.named_children[1].start_byte)
    return int(first.start_byte)


def _nodes(root: Any, types: set[str]) -> Iterator[Any]:
    """Yield the outermost nodes of some types."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type in types:
            yield node
        else:
            waiting.extend(node.children)


def _characters(raw: bytes, start: int, end: int) -> Span:
    """Return a stretch of bytes in characters."""
    begin = len(raw[:start].decode())
    return begin, begin + len(raw[start:end].decode())


def _lacks(settings: Settings) -> str:
    return missing()


COMMENTS: Final = Stage(
    *("comments", "comments of source code", Risk.MEDIUM, Touch.REMOVE, _finder("comments")),
    lacks=_lacks,
    guarded=frozenset({Guard.FENCE}),
)
SKELETONS: Final = Stage(
    *("skeletons", "source code without the bodies of functions", Risk.HIGH, Touch.REMOVE),
    *(_finder("skeletons"),),
    lacks=_lacks,
    guarded=frozenset({Guard.FENCE}),
)

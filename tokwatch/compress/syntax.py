"""Reads source code with tree-sitter, where the extra `syntax` is installed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final  # Any: tree-sitter's nodes

from tokwatch.compress.numbered import COLUMN
from tokwatch.compress.protect import Fence

_GRAMMARS: Final[Mapping[str, tuple[str, str]]] = {
    "python": ("tree_sitter_python", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "go": ("tree_sitter_go", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "java": ("tree_sitter_java", "language"),
    "c": ("tree_sitter_c", "language"),
    "bash": ("tree_sitter_bash", "language"),
}
_ENDINGS: Final = {
    "py": "python", "pyi": "python", "js": "javascript", "jsx": "javascript", "mjs": "javascript",
    "ts": "typescript", "tsx": "tsx", "go": "go", "rs": "rust", "java": "java", "c": "c", "h": "c",
    "sh": "bash", "bash": "bash", "javascript": "javascript", "typescript": "typescript",
    "golang": "go", "rust": "rust",
}  # fmt: skip
_FILE: Final = re.compile(r"[\w/.-]+\.([a-z]{1,4})\b")
_PYTHON: Final = re.compile(
    rf"^(?:{COLUMN})?(?:def |class |import |from \w[\w.]* import |@\w)", re.M
)
_FENCE: Final = re.compile(
    r"^(?P<f>`{3,}|~{3,})[ \t]*(?P<name>\w+)[^\n]*\n(?P<code>.*?)^(?P=f)[ \t]*$", re.M | re.S
)

_SHELL: Final = re.compile(r"\s*\w*(?:bash|shell|exec|command|terminal|run)", re.I)
_PRINTED: Final = re.compile(r"\b(?:cat|head|tail|sed|bat|less|type|nl)\b")
"""How a command begins whose output is the file that it names."""

_HINT: Final = "Install tokwatch[syntax] for source code."


def is_installed(name: str = "python") -> bool:
    """Say whether the grammar of a language can be loaded."""
    return find_spec("tree_sitter") is not None and find_spec(_GRAMMARS[name][0]) is not None


def missing() -> str:
    """Return what is to be installed before source code can be read; empty where nothing is."""
    return "" if is_installed() else _HINT


def code(text: str, about: str, is_fenced: bool) -> list[tuple[int, int, str]]:
    """Return where source code stands, with its language: the whole text, or blocks in fences."""
    if is_fenced:
        found = []
        for block in _FENCE.finditer(text):
            name = _ENDINGS.get(block["name"].lower()) or block["name"].lower()
            if name in _GRAMMARS:
                found.append((*block.span("code"), name))
        if found:
            return found
    is_run = _SHELL.match(about) and not _PRINTED.search(about)
    files = [] if is_run else _FILE.findall(about)
    name = _ENDINGS.get(files[-1], "") if files else ""
    if not name and len(_PYTHON.findall(text)) >= 3:
        name = "python"
    return [(0, len(text), name)] if name else []


def code_in(text: str, about: str) -> Fence:
    """Return where source code stands, in which a word of ours would be a mistake."""
    return Fence(lambda: [(start, end) for start, end, _ in code(text, about, is_fenced=True)])


def tree(source: str, name: str) -> Any:
    """Return the syntax tree's root; None where the grammar is missing or the code has errors."""
    if not is_installed(name):
        return None
    root = _parser(name).parse(source.encode()).root_node
    return None if root.has_error else root


@cache
def _parser(name: str) -> Any:
    library = import_module("tree_sitter")
    module, function = _GRAMMARS[name]
    return library.Parser(library.Language(getattr(import_module(module), function)()))

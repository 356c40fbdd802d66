"""JSON as every command prints it: one object that begins with the version of its schema."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA: Final = 1
"""Version of what docs/json.md promises: grows when a key goes or changes what it means."""


def add_json(*parsers: argparse._ActionsContainer) -> None:
    """Add `--json` to a command, and to its actions: it may stand before or behind their name."""
    command, *actions = parsers
    told = "print JSON, as docs/json.md describes it"
    command.add_argument("--json", action="store_true", help=told)
    for action in actions:
        action.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=told)


def camel_keys(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values under keys as JSON has them: `first_ms` is `firstMs`."""
    return {_camel(name): value for name, value in values.items()}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def versioned(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with the version of its schema as the first key."""
    return {"schemaVersion": SCHEMA, **document}


def as_json(document: Mapping[str, Any]) -> str:
    """Return a document as text that any terminal's encoding can carry."""
    import json

    return json.dumps(versioned(document), indent=2)

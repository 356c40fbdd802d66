"""Providers that are the command of another agent: what is logged of them its own logs tell, too.

One that keeps no counts in its logs, such as Cursor's, is none of them.
"""

from __future__ import annotations

from typing import Final

DELEGATES: Final = frozenset(
    {"claude-code", "claude-acp", "codex", "codex-acp", "gemini-cli", "gemini-acp"}
)
"""As Goose and Cline name them."""

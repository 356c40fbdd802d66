"""A slow second reader, written from the rules alone: plain JSON, dictionaries, no shared code.

It reads only the logs of Claude Code and Codex below a home, and knows no store.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from tests.sources.reference_claude import claude_requests
from tests.sources.reference_codex import codex_requests
from tests.sources.road import Spent, Sums


def shown(name: str) -> str:
    """Return a name without what cannot be shown."""
    return "".join(character for character in name if character.isprintable())


def expected(home: Path) -> Sums:
    """Return what the logs below a home amount to, by source, session, day and model."""
    sums: defaultdict[tuple[str | int, ...], Spent] = defaultdict(Spent)
    claude = claude_requests(home / ".claude" / "projects")
    codex = codex_requests(home / ".codex")
    for source, requests in (("claude-code", claude), ("codex", codex)):
        for session, day, model, spent in requests:
            group = (source, shown(session), day, shown(model))
            sums[group] = sums[group].plus(spent)
    return dict(sums)

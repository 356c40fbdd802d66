"""Which text of a log the workbench is given: an agent's context, or one that is named."""

from __future__ import annotations

import json
from pathlib import Path

from tests.desk import FIRST, NOW_S, log, opened_desk, talk
from tests.pages.sights import sight_of
from tests.sources.claude_lines import prompt
from tokwatch.model.detail import Part, digest_of
from tokwatch.pages.workbench_logged import LoggedAsk, LoggedPage
from tokwatch.store.read.every import View, open_view
from tokwatch.workbench.logged import logged_text

LONG = "Summarise the release notes of the week. " * 40


def asked(view: View, text: str) -> LoggedPage:
    """Return what is to be read of the only session's log."""
    ask = LoggedAsk("claude-code", FIRST, text=text)
    return ask.answer(sight_of(view, round(NOW_S * 1000)))


def memory_file() -> bytes:
    """Return a line of a memory file that came into the conversation."""
    record = json.loads(prompt("x", uuid="m1", session=FIRST))
    content = {"path": "/code/CLAUDE.md", "type": "Project", "content": "Always test. " * 9}
    del record["message"]
    told = {"type": "nested_memory", "path": "/code/CLAUDE.md", "content": content}
    return json.dumps(record | {"type": "attachment", "attachment": told}).encode() + b"\n"


def test_a_suggestions_text_is_found_by_its_digest(home: Path, tmp_path: Path) -> None:
    own = [prompt(LONG, uuid=f"t{n}", session=FIRST) for n in range(2)]
    log(home, FIRST, memory_file(), own[0], *talk(FIRST, 2), own[1], *talk(FIRST, 1))
    with opened_desk(home, tmp_path / "data") as desk:
        desk.read_all()
        view = open_view(desk.database, "local")
        blocks = [one for one in desk.of(FIRST).blocks if one.part is Part.USER]
        longest = max(blocks, key=lambda one: one.tokens)

        assert logged_text(asked(view, f"text {digest_of(longest.digest)}")).strip() == LONG.strip()
        assert "Always test." in logged_text(asked(view, "memory"))
        assert "no longer" in asked(view, "text 00000000").problem
        assert LONG in logged_text(asked(view, ""))

"""Rewriting by a model: what is asked, what must come back, what can be opened again."""

from __future__ import annotations

import asyncio
import json

from tokwatch.compress.difference import changes
from tokwatch.compress.draft import Draft, Wish
from tokwatch.compress.rewrite import Ask, must_keep, rewritten, summarized, summary_request
from tokwatch.compress.shapes import read_prompt

TEXT = "Please write about {topic} in at most 120 words, and never name `secret`."


def answering(answer: str, asked: list[str]) -> Ask:
    """Return a model that always gives one answer."""

    async def ask(text: str) -> str:
        asked.append(text)
        return answer

    return ask


def test_a_faithful_rewriting_has_word_changes() -> None:
    asked: list[str] = []
    answer = "Write about {topic} in at most 120 words; never name `secret`."
    found = asyncio.run(rewritten(0, TEXT, 50, answering(answer, asked)))

    assert found.is_faithful
    assert "{topic}" in asked[0]
    draft = Draft(TEXT)
    wishes = [Wish(c.start, c.end, c.replacement) for c in found.changes]
    assert draft.after(draft.hulls(wishes)).text == answer


def test_what_is_missing_is_told() -> None:
    found = asyncio.run(rewritten(0, TEXT, 50, answering("Write 120 words.", [])))

    assert not found.is_faithful
    assert {"{topic}", "`secret`"} <= set(found.missing)


def test_marks_of_the_user_must_be_kept() -> None:
    assert "about" in must_keep(TEXT, ["about"])


def test_a_summary_asks_for_what_matters_and_can_be_opened_again() -> None:
    chat = [{"role": "user", "content": f"look at app/main.py, step {n}"} for n in range(20)]
    prompt = read_prompt(json.dumps(chat))
    asked: list[str] = []
    found = asyncio.run(summarized(prompt, range(3), answering("All done.", asked)))

    assert asked == [summary_request(prompt, range(3))]
    assert all(
        word in asked[0]
        for word in ("200 words", "decisions", "state", "open questions", "names", "files")
    )
    assert found.originals[2] == "user: look at app/main.py, step 2"
    assert found.text == "[Summary of 3 earlier messages]\nAll done."
    assert found.missing_files == ("app/main.py",)


def test_changes_lead_from_one_text_to_the_other() -> None:
    draft = Draft("a b c d")
    wishes = [Wish(c.start, c.end, c.replacement) for c in changes(0, "a b c d", "x a c e d", "")]

    assert draft.after(draft.hulls(wishes)).text == "x a c e d"

"""The pieces of real conversations: their characters and tokens as plain reading finds them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.samples.plain_session import CLAUDE, CODEX, compared, records_of
from tokwatch.model.caching import Chain
from tokwatch.store.connect import Database
from tokwatch.store.view import View

Piece = tuple[str, int, int, int]
"""Part, offset of the line, characters, and tokens: four bytes are one."""


def _stored(samples: Database, chain: Chain, *parts: str) -> Counter[Piece]:
    rows = samples.rows(
        "SELECT b.part, b.offset_bytes, b.chars, b.tokens FROM block b"
        " JOIN strand k ON k.id = b.strand JOIN log g ON g.id = k.log WHERE g.source = ?"
        " AND CASE WHEN k.session = '' THEN g.session ELSE k.session END = ? AND k.agent = ?",
        tuple(chain),
    )
    return Counter((row[0], row[1], row[2], row[3]) for row in rows if row[0] in parts)


def _piece(part: str, offset: int, text: str) -> Piece:
    return part, offset, len(text), -(-len(text.encode()) // 4)


def test_tool_results_of_claude_code(samples: Database, samples_home: Path) -> None:
    for session in CLAUDE:
        plain: Counter[Piece] = Counter()
        answers: Counter[int] = Counter()
        seen = set()
        for offset, record in records_of(samples_home, session):
            content = (record.get("message") or {}).get("content") or []
            if record.get("type") == "user" and record["uuid"] not in seen:
                seen.add(record["uuid"])
                plain.update(_results(offset, content))
            if record.get("type") == "assistant":
                answers.update(len(one["text"]) for one in content if one["type"] == "text")
        chain = Chain("claude-code", session, "")
        assert _stored(samples, chain, "tool result") == plain
        told = Counter(key[2] for key in _stored(samples, chain, "assistant").elements())
        assert told == answers
        assert len(plain) > 20


def _told(piece: dict[str, str]) -> str:
    """Return the text of a piece of a result, or the name of the tool that it hands out."""
    return piece.get("text") or piece.get("tool_name") or ""


def _results(offset: int, content: Any) -> Iterator[Piece]:
    for one in content if isinstance(content, list) else ():
        if one["type"] == "tool_result":
            told = one.get("content") or ""
            texts = [told] if isinstance(told, str) else list(map(_told, told))
            if any(texts) or isinstance(told, str):
                yield _piece("tool result", offset, "".join(texts))


def test_outputs_of_codex(samples: Database, samples_home: Path) -> None:
    for session in CODEX:
        plain: Counter[Piece] = Counter()
        for offset, record in records_of(samples_home, session):
            payload = record.get("payload") or {}
            kind = payload.get("type") or ""
            if record["type"] != "response_item":
                continue
            if kind == "tool_search_output":
                output = json.dumps(payload["tools"], separators=(",", ":"), ensure_ascii=False)
                plain[_piece("tool result", offset, output)] += 1
            elif kind.endswith("call_output"):
                output = payload["output"]
                if isinstance(output, list):
                    output = "".join(one.get("text") or "" for one in output)
                plain[_piece("tool result", offset, output)] += 1
        chain = Chain("codex", session, "")
        assert _stored(samples, chain, "tool result") == plain
        assert len(plain) > 20


_PARENTS = (
    "0593695a-c702-4d40-acaf-0a2b4e7eedd1",
    "130d7b7e-5801-4345-9bd6-f32fd9b8429b",
    "2f5a3bd7-7693-4881-8178-1d8d45279356",
    "67d765b5-4286-4ec5-b051-950466e186f0",
    "9a6e9f2f-17d2-46d1-b68a-cea0a7a21158",
)


def test_what_came_back_and_what_was_compacted(
    samples: Database, view: View, samples_home: Path
) -> None:
    found = compared(samples, view)
    reports = cuts = 0
    for session in _PARENTS:
        page = found.pages[Chain("claude-code", session, "")]
        lanes = {lane.chain.agent: lane for lane in page.lanes}
        assert page.inside is not None
        compactions = {(one.before, one.trigger) for one in page.inside.compactions}
        for _, record in records_of(samples_home, session):
            told = record.get("compactMetadata")
            if told:
                assert (told["preTokens"], told["trigger"]) in compactions
                cuts += 1
            result = record.get("toolUseResult")
            result = result if isinstance(result, dict) else {}
            agent = result.get("agentId")
            if agent in lanes and not result.get("isAsync"):
                [(_, _, _, tokens)] = _results(0, record["message"]["content"])
                assert lanes[agent].back_tokens == tokens
                reports += 1
    assert (reports, cuts) == (4, 2)

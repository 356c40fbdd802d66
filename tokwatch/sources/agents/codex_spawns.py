"""Delegations in a rollout: the threads that it spawned, and what came back of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from tokwatch.model.detail import Block, Delegation
from tokwatch.sources.beside import part, plain
from tokwatch.sources.conversation import At, Conversation, decoded, hash_of, keep
from tokwatch.sources.text import name_in, safe_name

SPAWNS: Final = "spawn_agent"

_RUNNING: Final = 256
"""Threads that may still report."""


class Spawn(Struct, array_like=True):
    """A thread that was set to work."""

    begin_ms: int
    kind: str
    offset: int
    child: str = ""
    path: int = 0
    """Hash of what it is called among the agents of its session."""
    tokens: int = 0


class Spawns:
    """Takes what one rollout tells of the threads that it spawned."""

    def __init__(self, talk: Conversation, running: dict[int, Spawn]) -> None:
        """Go on with the threads known so far."""
        self._talk = talk
        self._running = running

    def take_call(self, at: At, item: dict[str, Any]) -> None:
        """Take a call that spawns a thread."""
        call = hash_of(plain(item.get("call_id")))
        if plain(item.get("name")) == SPAWNS and call:
            kind = name_in(_object(item.get("arguments")).get("agent_type"))
            keep(self._running, call, Spawn(at.instant_ms, kind, at.offset), _RUNNING)
            self._tell(at, call)

    def take_result(self, at: At, item: dict[str, Any], block: Block) -> None:
        """Take the name of a spawned thread, or the reports of those that were waited for."""
        output = _object(item.get("output"))
        if block.call in self._running:
            self._name(at, block.call, plain(output.get("agent_id")))
        else:
            children = list(self._waited_for(output))
            for place, call in enumerate(children):
                share = block.tokens // len(children)
                self._add(at, call, share + (block.tokens % len(children) if not place else 0))

    def take_message(self, at: At, item: dict[str, Any], block: Block) -> None:
        """Take a message that a spawned thread sent."""
        author = plain(item.get("author"))
        for call, spawn in self._running.items():
            if author and (spawn.path == hash_of(author) or spawn.child == author):
                self._add(at, call, block.tokens)

    def take_activity(self, at: At, item: dict[str, Any]) -> None:
        """Take an event that names the thread of a call."""
        call = hash_of(plain(item.get("id")))
        threads = item.get("receiver_thread_ids")
        child = plain(item.get("agent_thread_id"))
        if not child and isinstance(threads, list) and len(threads) == 1:
            child = plain(threads[0])
        if call in self._running:
            self._running[call].path = hash_of(plain(item.get("agent_path")))
            self._name(at, call, child)

    def _waited_for(self, output: dict[str, Any]) -> Iterator[int]:
        """Yield the calls of the threads that a wait reports of."""
        reported = part(output, "status")
        for call, spawn in self._running.items():
            if spawn.child and spawn.child in reported:
                yield call

    def _name(self, at: At, call: int, child: str) -> None:
        if child:
            self._running[call].child = safe_name(child)
            self._tell(at, call)

    def _add(self, at: At, call: int, tokens: int) -> None:
        self._running[call].tokens += tokens
        self._tell(at, call)

    def _tell(self, at: At, call: int) -> None:
        spawn = self._running[call]
        self._talk.delegation(
            Delegation(
                *(spawn.begin_ms, at.agent, spawn.child, spawn.kind, spawn.tokens, spawn.offset),
                call=call,
            )
        )


def _object(text: object) -> dict[str, Any]:
    """Return the JSON object that a text is; an empty one where it is none."""
    found = decoded(text) if isinstance(text, str) and text.startswith("{") else None
    return found if isinstance(found, dict) else {}

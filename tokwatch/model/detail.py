"""The nouns of the detail pass: what a session's requests are made of, as counts and hashes.

Frozen values, standard library only. No text: a block's words stay in its log, where its offset
finds them again. `session` is empty wherever a log is of one session, as events name it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct


class Part(StrEnum):
    """What sort of text fills a context window."""

    SYSTEM = "system"
    """The system prompt, and by name each tool's definition. The latest one of a name counts, one
    without tokens is gone; a compaction leaves them."""
    MEMORY = "memory"
    """Memory files such as CLAUDE.md and AGENTS.md."""
    USER = "user"
    ASSISTANT = "assistant"
    THINKING = "thinking"
    TOOL_CALL = "tool call"
    TOOL_RESULT = "tool result"
    IMAGE = "image"
    SUMMARY = "summary"
    """What a compaction left of everything before it."""
    ATTACHMENT = "attachment"
    """What the tool itself put into the conversation: reminders, hooks, file notices."""


class Block(NamedTuple):
    """One piece of a conversation, in the order of its log.

    One with the number of an earlier one replaces it: what a response's end tells comes late.
    """

    number: int
    """Position in its log and session, from 0."""
    instant_ms: int
    agent: str
    """The sub-agent's id; empty for the main agent."""
    part: Part
    tool: str
    """Name of the tool, for calls and results; an MCP tool's begins with `mcp__server__`."""
    chars: int
    """Characters of text; for an image 0."""
    tokens: int
    """Estimate, not scaled to any measured total; for thinking what the usage tells, or leaves."""
    digest: int
    """63-bit hash of the content: equal blocks are repeats."""
    subject: int
    """63-bit hash of the file or command that a call is about, also on its result; else 0."""
    call: int
    """63-bit hash of the call's id: pairs calls and results; 0 without."""
    is_error: bool
    request: int
    """Event key of the response that it belongs to, or 0: what is no answer enters the prompt
    of the first request after it."""
    offset: int
    session: str = ""
    sketch: int = 0
    """Of what a user said: near-duplicates differ in few of its 63 bits; 0 where it is too short.
    No word can be told from it."""


class Turn(NamedTuple):
    """What one message of the user set off, or for a sub-agent its task; never without a request,
    unless it was interrupted or failed."""

    number: int
    """Position in its log and session, from 0; numbers may be missing."""
    agent: str
    begin_ms: int
    end_ms: int
    requests: int
    tool_calls: int
    interrupted: bool
    finished: bool = False
    """True once an answer ended it: the last one asked for no tool and did not fail."""
    session: str = ""


class Compaction(NamedTuple):
    """Where a context was replaced by its summary."""

    instant_ms: int
    agent: str
    before: int | None
    """Tokens before, where the log tells them."""
    after: int | None
    trigger: str
    """"auto", "manual", or "" where the log does not tell."""
    offset: int
    """Blocks before it leave the context; those at it or behind it stay."""
    keeps_from: int | None = None
    """Number of the first block before it that stays all the same; None where none does."""
    session: str = ""


class Incident(NamedTuple):
    """What went wrong with a request."""

    instant_ms: int
    agent: str
    kind: str
    """"rate limit", "overloaded", "context length", "server", "connection", "interrupted",
    "refused" or "other"."""
    status: int
    """HTTP status; 0 without."""
    attempt: int
    """Which attempt failed, from 1; 0 where it was the last one."""
    offset: int
    session: str = ""


class Delegation(NamedTuple):
    """That one agent set another one to work."""

    instant_ms: int
    parent: str
    """Agent that delegated; empty for the main one."""
    child: str
    """Agent that was set to work, as events name it, or its session where agents are sessions of
    their own; empty where the log does not link them."""
    kind: str
    tokens: int
    """Estimate of what came back into the parent's context; 0 while it runs."""
    offset: int
    call: int = 0
    """63-bit hash of the call's id: what parent and child tell of one delegation shares it."""
    session: str = ""


class Flight(NamedTuple):
    """A request that was sent and, as far as the log tells, not answered yet."""

    identity: int
    """63-bit hash of the request's own id."""
    instant_ms: int
    agent: str
    model: str
    session: str = ""


def server_of(tool: str) -> str:
    """Return the MCP server that a tool's name begins with; empty for any other tool."""
    return tool.split("__")[1] if tool.startswith("mcp__") and tool.count("__") > 1 else ""


def digest_of(digest: int) -> str:
    """Return a text's digest as short as it is shown: eight hexadecimal digits."""
    return f"{digest & 0xFFFFFFFF:08x}"


class Detail(Struct, frozen=True):
    """What one read of one log adds to its session's detail."""

    blocks: tuple[Block, ...] = ()
    turns: tuple[Turn, ...] = ()
    """Whole or grown: a turn with the number of an earlier one replaces it."""
    compactions: tuple[Compaction, ...] = ()
    """One with the offset of an earlier one replaces it."""
    incidents: tuple[Incident, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    """One with the call of an earlier one of the same agent replaces it."""
    flights: tuple[Flight, ...] = ()
    """Every request in flight at the end of the read."""
    state: bytes = b""
    """The reader's own state, for the next read of the same log."""
    more: bool = False
    """True when a database's reader left rows for the next read."""
    rest: bool = False
    """True when what it left is of sessions that nobody waits for."""
    anew: tuple[tuple[str, str], ...] = ()
    """Sessions and agents that are told from their beginning: what was told of them is forgotten,
    whatever log of the tool told it."""


class DetailCursor(Struct, frozen=True, gc=False):
    """How far the detail of a log has been read, and how to know that it is still the same log."""

    size: int = 0
    mtime_ns: int = 0
    inode: int = 0
    offset: int = 0
    """Bytes of complete lines consumed."""
    head: bytes = b""
    tail: bytes = b""
    """Digests of the log's first bytes and of those before `offset`."""
    state: bytes = b""
    version: int = 0
    """The source's `detail_version` that read it."""

    @property
    def status(self) -> DetailCursor:
        """Return what tells whether the log changed, without where it was read to."""
        return DetailCursor(self.size, self.mtime_ns, self.inode, version=self.version)


class DetailReading(Struct, frozen=True):
    """How far the detail of the session that is looked at has been read."""

    source: str
    session: str
    done_bytes: int = 0
    total_bytes: int = 0
    """Of all its logs that are there."""
    is_offered: bool = True
    """False where the tool's logs do not tell it, or their files are gone."""
    error: str = ""

    @property
    def is_whole(self) -> bool:
        """Tell that nothing more is to be read now."""
        return self.done_bytes >= self.total_bytes

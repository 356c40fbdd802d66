"""Makes blocks of what a conversation's records tell, whatever tool wrote them.

Everything is a function of the records in their order: a log read in pieces, each going on with
the memory of the one before, ends in the same blocks and turns as one read whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import blake2b
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from tokwatch.model.detail import Block, Compaction, Delegation, Detail, Flight, Incident, Part
from tokwatch.sources.glued import NOT_JSON
from tokwatch.sources.images import image_tokens
from tokwatch.sources.sketch import sketch_of
from tokwatch.sources.text import safe_name
from tokwatch.sources.turns import At, TurnMemory, Turns

__all__ = ["At", "Conversation", "Memory", "Thought", "encoded", "hash_of", "keep", "raw"]

BYTES_PER_TOKEN: Final = 4
"""Of UTF-8, which serves scripts of one and of three bytes a character alike."""

_REMEMBERED: Final = 64
"""Calls whose results, or what else names them, may still come."""
_encode = msgspec.json.encode
_decode = msgspec.json.Decoder().decode

Weigh = Callable[[bytes], int]
"""Counts the tokens of a text in UTF-8."""
_weigh: Final[ContextVar[Weigh | None]] = ContextVar("weigh", default=None)

Thought = tuple[Block, int]
"""A block of thinking and its weight among those of its response."""


class Memory(Struct, array_like=True):
    """What later reads of the same conversation need to know."""

    blocks: int = 0
    last_ms: int = 0
    """Of the latest record: what has no time of its own has this one."""
    turns: TurnMemory = field(default_factory=TurnMemory)
    calls: dict[int, tuple[str, int]] = {}
    """Tool and subject by call."""
    systems: dict[str, int] = {}
    """Digest of each part of the system prompt as it was last told."""


class Conversation:
    """Collects what one read of one conversation finds."""

    def __init__(self, memory: Memory, session: str = "") -> None:
        """Go on with a memory; `session` is told only where a log is of several."""
        self.memory = memory
        self.session = session
        self.is_timed = True
        """False where the log does not tell when anything was said: then no turn is told."""
        self.turns = Turns(memory.turns, session)
        self._blocks: dict[int, Block] = {}
        self._compactions: dict[int, Compaction] = {}
        self._incidents: list[Incident] = []
        self._delegations: dict[tuple[str, int], Delegation] = {}

    def add(
        self,
        at: At,
        part: Part,
        content: bytes,
        *,
        chars: int | None = None,
        tokens: int | None = None,
        tool: str = "",
        subject: int = 0,
        call: int = 0,
        is_error: bool = False,
    ) -> Block:
        """Add a block; its tokens are estimated from its content unless they are told."""
        block = Block(
            *(self.memory.blocks, at.instant_ms, at.agent, part, tool),
            chars=len(content) if chars is None else chars,
            tokens=tokens_of(content) if tokens is None else tokens,
            digest=digest_of(content),
            subject=subject,
            call=call,
            is_error=is_error,
            request=at.request,
            offset=at.offset,
            session=self.session,
            sketch=sketch_of(content) if part is Part.USER else 0,
        )
        self.memory.blocks += 1
        self._blocks[block.number] = block
        return block

    def since(self, number: int) -> list[Block]:
        """Return the blocks that this read added from a number on."""
        return [self._blocks[place] for place in range(number, self.memory.blocks)]

    def put(self, block: Block) -> None:
        """Replace a block by what is known of it now."""
        self._blocks[block.number] = block

    def text(self, at: At, part: Part, text: str, *, tool: str = "", subject: int = 0) -> Block:
        """Add a block of text."""
        return self.add(at, part, raw(text), chars=len(text), tool=tool, subject=subject)

    def image(self, at: At, data: str, *, tool: str = "", subject: int = 0, call: int = 0) -> None:
        """Add an image in base64."""
        self.add(
            *(at, Part.IMAGE, raw(data)),
            chars=0,
            tokens=image_tokens(data),
            tool=tool,
            subject=subject,
            call=call,
        )

    def system(self, at: At, name: str, content: bytes) -> None:
        """Add a part of the system prompt, or the definition of a tool, unless it is as before."""
        key = f"{at.agent}\0{name}"
        digest = digest_of(content)
        if self.memory.systems.get(key, 0) != (digest if content else 0):
            chars = len(content.decode("utf-8", "surrogatepass"))
            self.add(at, Part.SYSTEM, content, chars=chars, tool=name)
            if content:
                self.memory.systems[key] = digest
            else:
                del self.memory.systems[key]

    def call(self, at: At, tool: str, arguments: object, identity: str, subject: int) -> Block:
        """Add a call of a tool; its arguments count as the JSON that the model wrote."""
        tool, call = safe_name(tool), hash_of(identity)
        if call:
            keep(self.memory.calls, call, (tool, subject), _REMEMBERED)
        self.turns.called(at)
        content = raw(arguments) if isinstance(arguments, str) else encoded(arguments)
        return self.add(at, Part.TOOL_CALL, content, tool=tool, subject=subject, call=call)

    def result(
        self, at: At, texts: list[str], images: list[str], identity: str, *, is_error: bool
    ) -> Block | None:
        """Add what a tool answered: its texts as one block, its images each as one."""
        call = hash_of(identity)
        tool, subject = self.memory.calls.get(call, ("", 0))
        block = None
        if texts or not images:
            text = "".join(texts)
            block = self.add(
                *(at, Part.TOOL_RESULT, raw(text)),
                chars=len(text),
                tool=tool,
                subject=subject,
                call=call,
                is_error=is_error,
            )
        for data in images:
            self.image(at, data, tool=tool, subject=subject, call=call)
        self.turns.went_on(at)
        return block

    def share(self, thoughts: list[Thought], total: int) -> None:
        """Let thinking have the tokens that its usage tells; without any its text tells them."""
        weights = [weight for _, weight in thoughts]
        for place, share in enumerate(shares(total, weights)):
            block, weight = thoughts[place]
            tokens = share if total > 0 else -(-block.chars // BYTES_PER_TOKEN)
            if block.tokens != tokens:
                block = block._replace(tokens=tokens)
                thoughts[place] = (block, weight)
                self.put(block)

    def failed(self, at: At, kind: str, status: int = 0, attempt: int = 0) -> None:
        """Add an incident; without an attempt to follow it ends the agent's turn, once."""
        if attempt or self.turns.failed(at, kind):
            incident = Incident(*at[:2], kind, status, attempt, at.offset, session=self.session)
            self._incidents.append(incident)

    def compaction(self, compaction: Compaction) -> None:
        """Add a compaction, or replace one by what is known of it now."""
        self._compactions[compaction.offset] = compaction._replace(session=self.session)

    def delegation(self, delegation: Delegation) -> None:
        """Add a delegation, or replace one by what is known of it now."""
        key = (delegation.parent, delegation.call)
        self._delegations[key] = delegation._replace(session=self.session)

    def detail(self, state: bytes, flights: tuple[Flight, ...] = ()) -> Detail:
        """Return what this read found."""
        return Detail(
            blocks=tuple(self._blocks.values()),
            turns=self.turns.told() if self.is_timed else (),
            compactions=tuple(self._compactions.values()),
            incidents=tuple(self._incidents),
            delegations=tuple(self._delegations.values()),
            flights=flights,
            state=state,
        )


def shares(total: int, weights: list[int]) -> list[int]:
    """Return whole parts of a total in proportion to weights; they add up to it."""
    found: list[int] = []
    left, weight_left = total, sum(weights)
    for weight in weights:
        share = left * weight // weight_left if weight_left else 0
        found.append(share)
        left, weight_left = left - share, weight_left - weight
    return found


def keep(kept: dict[int, Any], key: int, value: object, most: int) -> None:  # a dict of any values
    """Keep a value as the newest of so many, the oldest of which leaves."""
    kept.pop(key, None)
    kept[key] = value
    if len(kept) > most:
        del kept[next(iter(kept))]


def raw(text: str) -> bytes:
    """Return a text as UTF-8, whatever a log made of it."""
    return text.encode("utf-8", "surrogatepass")


def encoded(value: object) -> bytes:
    """Return a decoded value as JSON; nothing where it is none."""
    if value is None:
        return b""
    try:
        return _encode(value)
    except (TypeError, ValueError, RecursionError, OverflowError):
        return raw(repr(value))


def decoded(text: str) -> object:
    """Return the JSON value that a text is; None where it is none."""
    try:
        found: object = _decode(raw(text))
    except NOT_JSON:
        return None
    return found


def tokens_of(content: bytes) -> int:
    """Return the estimated tokens of a text."""
    weigh = _weigh.get()
    return -(-len(content) // BYTES_PER_TOKEN) if weigh is None else weigh(content)


@contextmanager
def weighed_by(weigh: Weigh | None) -> Iterator[None]:
    """Let the blocks that this thread reads meanwhile have the tokens that something counts, or
    without it those by length."""
    token = _weigh.set(weigh)
    try:
        yield
    finally:
        _weigh.reset(token)


def digest_of(content: bytes) -> int:
    """Return the 63-bit hash of a content."""
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "big") >> 1


def hash_of(name: str) -> int:
    """Return the 63-bit hash of an id or a path; 0 for an empty one."""
    return digest_of(raw(name)) if name else 0

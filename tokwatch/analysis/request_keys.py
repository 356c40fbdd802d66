"""What requests were made of, as hashes by which equal ones are found."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from tokwatch.model.detail import Block, Compaction, Part
from tokwatch.model.repeats import Likeness, RequestKeys

LAST_MESSAGES: Final = 3
ANSWERS: Final = frozenset({Part.ASSISTANT, Part.THINKING, Part.TOOL_CALL})


Asking = tuple[str, int | None]
"""The model that was asked, and its temperature in thousandths where that is told."""
NO_OWNERS: Final[Mapping[int, str]] = MappingProxyType({})


def request_keys(
    blocks: Iterable[Block],
    compactions: Iterable[Compaction],
    asked: Mapping[int, Asking],
    owners: Mapping[int, str] = NO_OWNERS,
) -> dict[int, RequestKeys]:
    """Return the keys of a session's requests by their events' keys.

    The blocks of each agent come in the order of its log; `asked` names each event's model.
    Where logs of several agents hold a request, what its owner's context held counts.
    """
    cuts: dict[str, list[Compaction]] = {}
    for one in sorted(compactions, key=lambda one: one.offset):
        cuts.setdefault(one.agent, []).append(one)
    agents: dict[str, list[Block]] = {}
    for block in blocks:
        agents.setdefault(block.agent, []).append(block)
    found: dict[int, RequestKeys] = {}
    for agent, own in agents.items():
        read = _Context(cuts.get(agent, ()), asked).read(own)
        found |= {
            key: keys
            for key, keys in read.items()
            if key not in found or owners.get(key, agent) == agent
        }
    return found


class _Context:
    """What is in one agent's context, block after block."""

    def __init__(self, compactions: Sequence[Compaction], asked: Mapping[int, Asking]) -> None:
        self._cuts = deque(compactions)
        self._asked = asked
        self._systems: dict[str, int] = {}
        self._blocks: list[Block] = []
        self._whole = 0
        self._messages: deque[tuple[bool, int]] = deque(maxlen=LAST_MESSAGES)
        """Of each of the last messages whether it is an answer, and the hash of its blocks."""
        self._newest: list[Block] = []
        """The blocks of the last message."""
        self._whole_before = 0
        """All that came before the last message."""
        self._found: dict[int, RequestKeys] = {}

    def read(self, blocks: Iterable[Block]) -> dict[int, RequestKeys]:
        """Return the keys of all requests."""
        for block in blocks:
            while self._cuts and self._cuts[0].offset <= block.offset:
                self._compact(self._cuts.popleft())
            if block.request:
                self._answer(block)
            if block.part is Part.SYSTEM:
                self._take_system(block)
            else:
                self._blocks.append(block)
                self._add(block)
        return self._found

    def _take_system(self, block: Block) -> None:
        if block.tokens:
            self._systems[block.tool] = block.digest
        else:
            self._systems.pop(block.tool, None)

    def _add(self, block: Block) -> None:
        is_answer = block.part in ANSWERS
        if self._messages and self._messages[-1][0] == is_answer:
            self._messages[-1] = (is_answer, hash((self._messages[-1][1], block.digest)))
            self._newest.append(block)
        else:
            self._messages.append((is_answer, hash((0, block.digest))))
            self._newest, self._whole_before = [block], self._whole
        self._whole = hash((self._whole, is_answer, block.digest))

    def _compact(self, cut: Compaction) -> None:
        """Leave in the context only what a compaction leaves there."""
        first = cut.keeps_from
        kept = [] if first is None else [b for b in self._blocks if b.number >= first]
        self._blocks, self._whole = [], 0
        self._messages.clear()
        for block in kept:
            self._blocks.append(block)
            self._add(block)

    def _answer(self, block: Block) -> None:
        """Take a block of an answer; before the first one of it stands what was asked."""
        known = self._found.get(block.request)
        if known is None:
            known = self._keys(self._asked.get(block.request, ("", None)))
        if block.part is not Part.THINKING:
            answer = hash((known.answer, block.part.value, block.digest))
            known = known._replace(answer=answer, chars=known.chars + block.chars)
        self._found[block.request] = known

    def _keys(self, of: Asking) -> RequestKeys:
        """Return the keys of what stands in the context."""
        system = hash(tuple(sorted(self._systems.items())))
        asked = [digest for is_answer, digest in self._messages if not is_answer]
        return RequestKeys(
            hash((system, self._whole, of)),
            hash((system, tuple(self._messages))),
            hash((asked[-1] if asked else 0, of)),
            *(0, 0),
            self._likeness(system, of),
        )

    def _likeness(self, system: int, of: Asking) -> Likeness | None:
        """Return the sketch of the newest message's longest text, and all that stands beside it."""
        longest = max(self._newest, key=lambda block: block.chars, default=None)
        if longest is None or not longest.sketch:
            return None
        beside = hash(tuple(block.digest for block in self._newest if block is not longest))
        before = tuple(self._messages)[:-1]
        return Likeness(
            longest.sketch,
            longest.chars,
            hash((system, self._whole_before, beside, of)),
            hash((system, before, beside)),
            hash((beside, of)),
        )

"""What a context is made of: estimates of the log's blocks, sized by what the prompts grew by.

A prompt grows by the answer before it, which the provider counted, and by what came since: what
grew beyond the answer is what that weighs. docs/session.md has the rules in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from msgspec import Struct, field

from tokwatch.analysis.growing import Entry, Group, Grown, Step, grown
from tokwatch.analysis.timeline import Cliff, Course
from tokwatch.model.detail import Block, Part

MOST_GROUPS: Final = 12
"""Tools whose results are told apart; the others' are one group."""


UNTOLD: Final = Group(None)
OTHER_TOOLS: Final = Group(Part.TOOL_RESULT, "")
SYSTEM_PROMPT: Final = Group(Part.SYSTEM)
TOOL_DEFINITIONS: Final = Group(Part.SYSTEM, "tools")


class Sized(NamedTuple):
    """A block with the tokens that it weighs in the prompts that hold it."""

    block: Block
    group: Group
    tokens: int
    is_measured: bool
    """Whether a prompt's growth is all its own; else it is a share by estimates."""
    place: int
    """The first point whose prompt holds it."""
    until: int
    """The first point behind that whose prompt does not."""


class Mix(NamedTuple):
    """What one request's prompt was made of."""

    total: int
    """As the provider counted it."""
    shares: tuple[tuple[Group, int], ...]
    """They add up to the total; the largest first, what the log does not tell last."""
    measured: int
    """How much of it is counted; the rest is shared out by estimates."""


class Composition(Struct, frozen=True):
    """What each prompt of an agent was made of."""

    sized: tuple[Sized, ...] = ()
    groups: tuple[Group, ...] = ()
    sums: tuple[tuple[int, ...], ...] = ()
    """For each point the tokens of each group that there was by then."""
    measured: tuple[int, ...] = ()

    def at(self, place: int) -> Mix:
        """Return the prompt of a point."""
        tokens = self.sums[place]
        pairs = [pair for pair in zip(self.groups, tokens, strict=False) if pair[1]]
        pairs.sort(key=lambda pair: (pair[0] == UNTOLD, -pair[1], str(pair[0])))
        return Mix(sum(tokens), tuple(pairs), self.measured[place])


def composition(of: Course, blocks: Iterable[Block]) -> Composition:
    """Return what an agent's prompts were made of, from its blocks in the order of their log."""
    listed = list(blocks)
    told_apart = _told_tools(listed)
    entered = entering(of, ((block, group_of(block, told_apart)) for block in listed))
    making = _Making(of, {cliff.place: cliff for cliff in of.cliffs})
    for place in range(len(of.points)):
        making.take(place, *entered.get(place, ([], [])))
    return making.made()


def group_of(block: Block, told_apart: frozenset[str]) -> Group:
    """Return what a block belongs to."""
    if block.part is Part.TOOL_RESULT:
        return Group(block.part, block.tool) if block.tool in told_apart else OTHER_TOOLS
    if block.part is Part.SYSTEM:
        return TOOL_DEFINITIONS if block.tool else SYSTEM_PROMPT
    return Group(block.part)


def _told_tools(blocks: Iterable[Block]) -> frozenset[str]:
    """Return the tools with the most results, which are told apart."""
    sums: dict[str, int] = {}
    for block in blocks:
        if block.part is Part.TOOL_RESULT:
            sums[block.tool] = sums.get(block.tool, 0) + block.tokens
    return frozenset(sorted(sums, key=lambda tool: (-sums[tool], tool))[:MOST_GROUPS])


Entering = tuple[list[Entry], list[Entry]]
"""Blocks of the answer before, and what came since."""


def entering(of: Course, entries: Iterable[Entry]) -> dict[int, Entering]:
    """Return the blocks that each point's prompt is the first to hold.

    What came between the blocks of one answer, as results of calls at once do, enters behind it.
    """
    found: dict[int, Entering] = {}
    begun: set[int] = set()
    waiting: list[Entry] = []
    for entry in entries:
        key = entry[0].request
        place = of.places.get(key) if key else None
        if place is None:
            if not key or key not in of.numbers:
                waiting.append(entry)  # also an answer that counts for another session
            continue
        if waiting and key not in begun:
            found.setdefault(place, ([], []))[1].extend(waiting)
            waiting = []
        begun.add(key)
        found.setdefault(place + 1, ([], []))[0].append(entry)
    return found


class _Live(Struct):
    """A block in the context."""

    block: Block
    group: Group
    tokens: int
    is_measured: bool
    place: int
    until: int = -1


class _Making(Struct):
    """A composition in the making, point by point."""

    course: Course
    cliffs: Mapping[int, Cliff]
    tokens: dict[Group, int] = field(default_factory=dict)
    """Of the groups in the context; they add up to its last prompt."""
    counted: dict[Group, int] = field(default_factory=dict)
    live: list[_Live] = field(default_factory=list)
    left: list[_Live] = field(default_factory=list)
    base: int = 0
    """What the first prompt held that no log tells: system prompt and tools."""
    sums: list[tuple[int, ...]] = field(default_factory=list)
    measured: list[int] = field(default_factory=list)

    def take(self, place: int, answers: list[Entry], others: list[Entry]) -> None:
        """Take the next point."""
        cliff = self.cliffs.get(place)
        if cliff is not None:
            others = self._cut(cliff, answers, others)
            answers = []
        others = self._replace_system(place, others)
        self._grow(place, answers, others, is_start=cliff is not None or place == 0)
        self.sums.append(tuple(self.tokens.values()))
        self.measured.append(sum(self.counted.values()))

    def made(self) -> Composition:
        """Return the composition, its blocks in the order in which they entered."""
        end = len(self.course.points)
        sized = [
            Sized(
                *(one.block, one.group, one.tokens, one.is_measured, one.place),
                until=end if one.until < 0 else one.until,
            )
            for one in [*self.left, *self.live]
        ]
        sized.sort(key=lambda one: (one.place, one.block.number))
        return Composition(tuple(sized), tuple(self.tokens), tuple(self.sums), tuple(self.measured))

    def _grow(
        self, place: int, answers: list[Entry], others: list[Entry], *, is_start: bool
    ) -> None:
        """Share out what the prompt grew by."""
        points = self.course.points
        before = points[place - 1] if place and not is_start else None
        step = Step(
            prompt=points[place].prompt,
            held=sum(self.tokens.values()),
            thinking=self.tokens.get(Group(Part.THINKING), 0),
            answer=before,
            answers=answers,
            others=others,
            is_start=is_start,
            is_other_model=before is not None and before.cached.model != points[place].cached.model,
        )
        found = grown(step)
        self._shrink(found)
        for (block, group), tokens, is_measured in found.blocks:
            self.live.append(_Live(block, group, tokens, is_measured, place))
            self._add(group, tokens, is_measured=is_measured)
        self._add(UNTOLD, found.untold, is_measured=False)
        if place == 0:
            self.base = found.untold

    def _add(self, group: Group, tokens: int, *, is_measured: bool) -> None:
        self.tokens[group] = self.tokens.get(group, 0) + tokens
        if is_measured:
            self.counted[group] = self.counted.get(group, 0) + tokens

    def _shrink(self, found: Grown) -> None:
        """Take away what left the context without a word: thinking first, then of everything."""
        if not found.lost:
            return
        thinking = Group(Part.THINKING)
        gone = min(found.lost, self.tokens.get(thinking, 0))
        if gone:
            self.tokens[thinking] -= gone
            self.counted[thinking] = min(self.counted.get(thinking, 0), self.tokens[thinking])
        held, left = sum(self.tokens.values()), found.lost - gone
        if not left:
            return
        for group, tokens in self.tokens.items():
            share = left * tokens // held if held else 0
            self.tokens[group], left, held = tokens - share, left - share, held - tokens
        self.counted.clear()

    def _cut(self, cliff: Cliff, answers: list[Entry], others: list[Entry]) -> list[Entry]:
        """Leave what a compaction leaves, and return what enters after it."""
        stays = [one for one in self.live if _stays(cliff, one.block)]
        for one in self.live:
            if not _stays(cliff, one.block):
                one.until = cliff.place
                self.left.append(one)
        self.live = stays
        self.tokens = dict.fromkeys(self.tokens, 0)
        self.counted = {}
        room = cliff.after
        for one in stays:
            taken = min(one.tokens, room)
            self._add(one.group, taken, is_measured=one.is_measured)
            room -= taken
        self._add(UNTOLD, min(self.base, room), is_measured=False)
        if cliff.told is None:
            return others
        return [entry for entry in (*answers, *others) if _stays(cliff, entry[0])]

    def _replace_system(self, place: int, others: list[Entry]) -> list[Entry]:
        """Let the latest part of the system prompt of each name stand for those before."""
        latest = {block.tool: block for block, _ in others if block.part is Part.SYSTEM}
        if not latest:
            return others
        for one in [one for one in self.live if one.block.part is Part.SYSTEM]:
            if one.block.tool in latest:
                self.live.remove(one)
                one.until = place
                self.left.append(one)
                gone = min(one.tokens, self.tokens[one.group])
                self.tokens[one.group] -= gone
                self.counted[one.group] = min(
                    self.counted.get(one.group, 0), self.tokens[one.group]
                )
        return [
            entry
            for entry in others
            if entry[0].part is not Part.SYSTEM
            or (latest[entry[0].tool] is entry[0] and entry[0].tokens)
        ]


def _stays(cliff: Cliff, block: Block) -> bool:
    """Tell whether a block is still there behind a cliff."""
    if block.part is Part.SYSTEM:
        return True
    told = cliff.told
    if told is None:
        return False
    return block.offset >= told.offset or (
        told.keeps_from is not None and block.number >= told.keeps_from
    )

"""Truncation of real sessions, message by message as docs/session.md tells it, with its price."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from tests.samples.plain_session import Plain, cliffs_of, compactions_of, compared, points_of
from tokwatch.analysis.composition import UNTOLD, Sized
from tokwatch.analysis.simulated import Loss, Simulation
from tokwatch.analysis.truncation import Strategy
from tokwatch.model.detail import Part
from tokwatch.pages.session_detail import Inside
from tokwatch.store.connect import Database
from tokwatch.store.view import View

_ROOM = 50_000 * 9 // 10 - 2_000
_MESSAGES = 50
_SUMMARY = 267
"""Two hundred words, at three quarters of a word a token."""
_STEP = 20
_PAIRED = (Part.TOOL_CALL, Part.TOOL_RESULT, Part.IMAGE)


@dataclass(frozen=True)
class Said:
    """One message."""

    tokens: int
    is_system: bool
    calls: frozenset[int]


@dataclass(frozen=True)
class Kept:
    """What stays of a prompt's messages, by their numbers."""

    system: tuple[int, ...]
    first: tuple[int, ...]
    recent: tuple[int, ...]
    summary: int
    tokens: int
    lost: int
    lost_tokens: int

    @property
    def begin(self) -> tuple[object, ...]:
        """Equal while the prompt only grows at its end."""
        return self.system, self.first, self.recent[:1], self.summary

    def sent(self, prompt: int) -> int:
        """Return what would be sent of a prompt."""
        known = self.tokens + self.lost_tokens
        if not self.lost or not known:
            return prompt
        return min(prompt, prompt * self.tokens // known + self.summary)


@dataclass
class Sums:
    """What one strategy changes in a session."""

    requests: int = 0
    cut: int = 0
    prompts: int = 0
    saved: int = 0
    nano: Fraction = Fraction()
    saved_nano: Fraction = Fraction()
    summaries: int = 0
    unpriced: int = 0
    priced: int = 0


def test_what_is_kept_and_saved(samples: Database, view: View) -> None:
    found = compared(samples, view)
    cut = plans = summaries = 0
    for chain, page in found.pages.items():
        points = points_of(found.requests[chain])
        inside = page.inside
        assert inside is not None
        assert inside.simulations is not None
        if not inside.is_told:
            assert inside.simulations == ()
        # elsewhere the ids of calls are blotted out: pairs cannot be told
        if not inside.is_told or chain.source not in ("claude-code", "codex"):
            continue
        begins = [0, *cliffs_of(points, compactions_of(samples, chain))]
        contexts = [
            (begin, _messages(inside, points, begin, end))
            for begin, end in zip(begins, [*begins[1:], len(points)], strict=True)
            if begin < end
        ]
        for simulation in inside.simulations:
            strategy = simulation.strategy
            sums = Sums(requests=len(points))
            for begin, told in contexts:
                stays = [_kept(heard, strategy) for heard in told]
                _simulate(sums, points[begin:], told, stays)
                for one, heard, kept in zip(points[begin:], told, stays, strict=False):
                    loss = inside.loss(one.key, strategy)
                    _compare_plan(loss, one.prompt, kept, len(heard))
                    plans += 1
            _compare(simulation, sums)
            cut, summaries = cut + sums.cut, summaries + sums.summaries
    assert plans > 1_000
    assert cut > 500
    assert summaries > 20


def _compare_plan(loss: Loss | None, prompt: int, kept: Kept, messages: int) -> None:
    assert loss is not None
    plan = loss.plan
    assert (loss.prompt, loss.sent) == (prompt, kept.sent(prompt))
    assert (plan.system, plan.first) == (kept.system, len(kept.first))
    assert (plan.kept, plan.lost) == (messages - kept.lost, kept.lost)
    assert (plan.kept_tokens, plan.summary_tokens) == (kept.tokens, kept.summary)
    assert sum(tokens for _, tokens in loss.lost) == kept.lost_tokens


def _compare(told: Simulation, sums: Sums) -> None:
    assert (told.requests, told.cut) == (sums.requests, sums.cut)
    assert (told.tokens, told.saved_tokens) == (sums.prompts, sums.saved)
    assert (told.unpriced, told.summaries) == (sums.unpriced, sums.summaries)
    assert abs(told.nano - sums.nano) <= sums.priced
    assert abs(told.saved_nano - sums.saved_nano) <= 3 * sums.priced


def _messages(inside: Inside, points: list[Plain], begin: int, end: int) -> list[list[Said]]:
    """Return the messages of a context that each of its prompts holds."""
    entering: dict[int, list[Sized]] = {}
    for one in inside.composition.sized:
        if one.place < end and one.until > begin:
            entering.setdefault(max(one.place, begin), []).append(one)
    heard: list[Said] = []
    told = []
    untold = 0
    for place in range(begin, end):
        new = entering.get(place, [])
        mix = inside.mix(points[place].key)
        assert mix is not None
        there = dict(mix.shares).get(UNTOLD, 0)
        grew, untold = max(0, there - untold), there
        is_start = place == begin
        last = 0 if is_start else points[place - 1].key
        system = [one for one in new if one.block.part in (Part.SYSTEM, Part.MEMORY)]
        answer = [one for one in new if one not in system and last and one.block.request == last]
        rest = [one for one in new if one not in system and one not in answer]
        if system or (is_start and grew):
            heard.append(_said(system, grew if is_start else 0, is_system=True))
        if answer:
            heard.append(_said(answer, 0))
        if rest or (grew and not is_start):
            heard.append(_said(rest, 0 if is_start else grew))
        told.append(list(heard))
    return told


def _said(held: list[Sized], untold: int, *, is_system: bool = False) -> Said:
    calls = {one.block.call for one in held if one.block.part in _PAIRED and one.block.call}
    return Said(sum(one.tokens for one in held) + untold, is_system, frozenset(calls))


def _groups(heard: list[Said]) -> list[list[int]]:
    """Return the numbers of the messages that stay or leave together, without the system's."""
    told = [number for number, one in enumerate(heard) if not one.is_system]
    begins: dict[int, int] = {}
    joined: set[int] = set()
    for place, number in enumerate(told):
        for call in heard[number].calls:
            joined.update(range(begins.setdefault(call, place) + 1, place + 1))
    groups: list[list[int]] = []
    for place, number in enumerate(told):
        if place in joined:
            groups[-1].append(number)
        else:
            groups.append([number])
    return groups


def _kept(heard: list[Said], strategy: Strategy) -> Kept:
    """Let messages claim room: newest, system, first, then from the newest back."""
    if strategy is Strategy.AUTO:
        kept = _kept(heard, Strategy.IMPORTANT)
        few = (len(heard) - kept.lost) * 2 < len(heard)
        return _kept(heard, Strategy.SUMMARY) if few else kept
    groups = _groups(heard)
    room, places = _ROOM, _MESSAGES
    newest = groups.pop() if groups else []
    room, places = room - _tokens(heard, newest), places - len(newest)
    system = []
    for number, one in enumerate(heard):
        if one.is_system and one.tokens <= room and places > 0:
            system.append(number)
            room, places = room - one.tokens, places - 1
    first: list[int] = []
    if groups and strategy is not Strategy.SLIDING and _fits(heard, groups[0], room, places):
        first = groups.pop(0)
        room, places = room - _tokens(heard, first), places - len(first)
    recent = _back(heard, groups, room, places)
    summary = 0
    if strategy is Strategy.SUMMARY and len(recent) < len(groups) and room >= _SUMMARY:
        summary = _SUMMARY
        recent = _back(heard, groups, room - summary, places)
        upto = -(-_left(groups, recent) // _STEP) * _STEP
        while recent and _left(groups, recent) < upto:
            recent = recent[1:]
    newer = [*(number for group in recent for number in group), *newest]
    stay = {*system, *first, *newer}
    tokens = _tokens(heard, stay)
    lost = len(heard) - len(stay)
    lost_tokens = sum(one.tokens for one in heard) - tokens
    return Kept(tuple(system), tuple(first), tuple(newer), summary, tokens, lost, lost_tokens)


def _left(groups: list[list[int]], recent: list[list[int]]) -> int:
    """Return how many messages are left out between the first and the recent ones."""
    return sum(map(len, groups)) - sum(map(len, recent))


def _fits(heard: list[Said], group: list[int], room: int, places: int) -> bool:
    return _tokens(heard, group) <= room and len(group) <= places


def _back(heard: list[Said], groups: list[list[int]], room: int, places: int) -> list[list[int]]:
    """Return the newest groups that fit, up to the first that does not."""
    taken: list[list[int]] = []
    for group in reversed(groups):
        if not _fits(heard, group, room, places):
            break
        taken.insert(0, group)
        room, places = room - _tokens(heard, group), places - len(group)
    return taken


def _tokens(heard: list[Said], numbers: list[int] | set[int]) -> int:
    return sum(heard[number].tokens for number in numbers)


def _simulate(sums: Sums, points: list[Plain], told: list[list[Said]], stays: list[Kept]) -> None:
    """Add what a strategy changes in the requests of one context."""
    before: Kept | None = None
    last = 0
    for one, heard, kept in zip(points, told, stays, strict=False):
        sums.cut += kept.lost > 0
        sums.prompts += one.prompt
        sums.saved += one.prompt - kept.sent(one.prompt)
        made = bool(kept.summary) and (before is None or before.recent[:1] != kept.recent[:1])
        sums.summaries += made
        if one.a_token is None:
            sums.unpriced += 1
        else:
            sums.priced += 1
            real = one.read_nano + one.fresh_nano
            sums.nano += real
            if kept.lost or (before is not None and before.lost):
                sums.saved_nano += real - _paid(one, heard, kept, before, last)
            if made:
                known = before.lost_tokens if before else 0
                read = max(0, kept.lost_tokens - known) + (before.summary if before else 0)
                spent = read * one.rates["cache_read"] + kept.summary * one.rates["output"]
                sums.saved_nano -= Fraction(spent, 1000) * one.scale
        before, last = kept, one.prompt


def _paid(one: Plain, heard: list[Said], kept: Kept, before: Kept | None, last: int) -> Fraction:
    """Return what a shortened prompt would have cost."""
    sent = kept.sent(one.prompt)
    if before is None:
        same = sent
    elif before.begin == kept.begin:
        same = before.sent(last)
    else:
        same = _tokens(heard, set(kept.system) & set(before.system))
        if before.first == kept.first and not before.summary and not kept.summary:
            same += _tokens(heard, list(kept.first))
    same = min(same, sent)
    found = one.read or 0
    held = min(sent, same * min(found, last) // last if last else min(same, found))
    rest = Fraction(sent - held)
    if one.prompt > found:
        rest *= one.fresh_nano / (one.prompt - found)
    else:
        rest *= Fraction(one.rates["input"], 1000) * one.scale
    return held * Fraction(one.rates["cache_read"], 1000) * one.scale + rest

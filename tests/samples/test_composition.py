"""What fills the prompts of real sessions, and what it cost to carry it, against plain sums."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from tests.samples.plain_session import Plain, cliffs_of, compactions_of, compared, points_of
from tokwatch.analysis.composition import UNTOLD, Sized
from tokwatch.analysis.growing import Group
from tokwatch.model.caching import Chain
from tokwatch.model.detail import Part
from tokwatch.pages.session_detail import Inside
from tokwatch.store.connect import Database
from tokwatch.store.view import View

_NOT_CARRIED = (Part.ASSISTANT, Part.THINKING)


def test_parts_add_up_to_each_prompt(samples: Database, view: View) -> None:
    found = compared(samples, view)
    prompts = whole = counted = 0
    for chain, page in found.pages.items():
        points = points_of(found.requests[chain])
        inside = page.inside
        assert inside is not None
        if not inside.is_told:
            assert all(inside.mix(one.key) is None for one in points)
            continue
        for place, one in enumerate(points):
            mix = inside.mix(one.key)
            assert mix is not None
            assert mix.total == one.prompt == sum(tokens for _, tokens in mix.shares)
            assert all(tokens > 0 for _, tokens in mix.shares)
            assert 0 <= mix.measured <= one.prompt
            held = _held(inside, place)
            shares = dict(mix.shares)
            told = shares.keys() - {UNTOLD}
            assert told <= held.keys()
            if sum(held.values()) + shares.get(UNTOLD, 0) == one.prompt:
                assert {group: held[group] for group in told} == {g: shares[g] for g in told}
                whole += 1
            prompts += 1
            counted += mix.measured
    assert prompts > 1_500
    assert whole > 1_000
    assert counted > 10_000_000


def _held(inside: Inside, place: int) -> Counter[Group]:
    """Return the tokens of each group's blocks that a prompt holds."""
    held: Counter[Group] = Counter()
    for one in inside.composition.sized:
        if one.place <= place < one.until:
            held[one.group] += one.tokens
    return held


def test_measured_blocks_weigh_what_the_prompt_grew_by(samples: Database, view: View) -> None:
    found = compared(samples, view)
    answers = others = 0
    for chain, page in found.pages.items():
        points = points_of(found.requests[chain])
        assert page.inside is not None
        entered: dict[int, list[Sized]] = {}
        for one in page.inside.composition.sized:
            entered.setdefault(one.place, []).append(one)
        cliffs = cliffs_of(points, compactions_of(samples, chain))
        for place, blocks in entered.items():
            measured = [one for one in blocks if one.is_measured]
            if place == 0 or place in cliffs:
                assert not measured
                continue
            last = points[place - 1]
            answer = [one for one in blocks if one.block.request == last.key]
            rest = [one for one in blocks if one.block.request != last.key]
            if not measured:
                continue
            assert last.final
            assert last.model == points[place].model
            assert sum(one.tokens for one in answer) == (last.output if answer else 0)
            answers += any(one.is_measured for one in answer)
            if any(one.is_measured for one in rest):
                assert all(one.is_measured for one in rest)
                grew = points[place].prompt - last.prompt
                weigh = grew - (last.output if answer else 0)
                assert sum(one.tokens for one in rest) == weigh
                assert len({one.group for one in rest if one.block.tokens}) == 1
                others += 1
    assert min(answers, others) > 100


Load = tuple[int, int, int, Decimal, int]
"""Request that it entered with, tokens, prompts that held it, their cost in nano, unpriced ones."""


def test_growth_is_shared_out_whole(samples: Database, view: View) -> None:
    found = compared(samples, view)
    lost = kept = 0
    for chain, page in found.pages.items():
        points = points_of(found.requests[chain])
        cliffs = cliffs_of(points, compactions_of(samples, chain))
        assert page.inside is not None
        if not page.inside.is_told:
            continue
        for place in range(len(points)):
            if place in cliffs:
                continue
            last = points[place - 1] if place else None
            blocks = [one for one in page.inside.composition.sized if one.place == place]
            answer = [one for one in blocks if last and one.block.request == last.key]
            others = [one for one in blocks if one not in answer]
            is_lost, answered, told = _shared(page.inside, points[place], last, answer, others)
            assert sum(one.tokens for one in answer) == answered
            assert sum(one.tokens for one in others) == told
            lost, kept = lost + is_lost, kept + (not is_lost)
    assert lost > 50
    assert kept > 1_500


def _shared(
    inside: Inside, point: Plain, last: Plain | None, answer: list[Sized], others: list[Sized]
) -> tuple[bool, int, int]:
    """Return whether anything left without a word, and the tokens of an answer and of the rest."""
    expected = sum(one.block.tokens for one in others)
    if last is None:
        return False, 0, min(point.prompt, expected)
    answered = last.output if answer else 0
    if answer and not last.final:
        answered = max(answered, sum(one.block.tokens for one in answer))
    rest = point.prompt - last.prompt - answered
    shares = dict(_mix(inside, last.key))
    has_spoken = any(one.block.part is Part.USER for one in others)
    is_thought = shares.get(Group(Part.THINKING), 0) > 0
    if rest < 0 or (rest < expected and has_spoken and is_thought):
        room = min(point.prompt, answered + expected)
        assert room == answered + expected, "the prompt holds all that is new"
        return True, answered, expected
    return False, answered, min(rest, 4 * expected + 500) if expected else 0


def _mix(inside: Inside, key: int) -> tuple[tuple[Group, int], ...]:
    mix = inside.mix(key)
    assert mix is not None
    return mix.shares


def test_carried_cost_is_paid_request_by_request(samples: Database, view: View) -> None:
    found = compared(samples, view)
    plain = {
        chain: _carried(samples, found.requests[chain], chain, page.inside)
        for chain, page in found.pages.items()
    }
    listed = 0
    for page in found.pages.values():
        assert page.inside is not None
        part = page.inside.carried
        assert part is not None
        family = [lane.chain for lane in page.lanes if lane.is_known]
        expected = {(one, number): load for one in family for number, load in plain[one].items()}
        for block in part.blocks:
            entered, tokens, requests, nano, unpriced = expected[block.chain, block.block.number]
            assert (block.entered, block.tokens) == (entered, tokens)
            assert (block.requests, block.unpriced) == (requests, unpriced)
            assert abs(nano - block.nano) < 1 + tokens * requests / 10**9
            listed += 1
        dearest = sorted((load[3] for load in expected.values()), reverse=True)[:200]
        assert len(dearest) == len(part.blocks)
        assert all(abs(n - one.nano) <= 2 for n, one in zip(dearest, part.blocks, strict=True))
        assert sum(one.blocks for one in part.sums) == len(expected)
        total = sum((load[3] for load in expected.values()), Decimal())
        assert abs(total - sum(one.nano for one in part.sums)) <= 2 * len(expected)
    assert listed > 2_000


def _carried(
    samples: Database, requests: list[Plain], chain: Chain, inside: Inside | None
) -> dict[int, Load]:
    """Return what each block cost from the prompt it entered with until the context was cut."""
    points = points_of(requests)
    prices = [point.a_token for point in points]
    ends = [*cliffs_of(points, compactions_of(samples, chain)), len(points)]
    found = {}
    assert inside is not None
    for one in inside.composition.sized:
        end = next(end for end in ends if end > one.place)
        if one.block.part is Part.SYSTEM:
            end = len(points)  # a compaction leaves it, and none is told anew
        assert one.until == end
        if one.block.part in _NOT_CARRIED or not one.tokens:
            continue
        paid = prices[one.place : end]
        nano = one.tokens * sum((price for price in paid if price is not None), Decimal())
        entered = points[one.place].key
        found[one.block.number] = (entered, one.tokens, end - one.place, nano, paid.count(None))
    return found

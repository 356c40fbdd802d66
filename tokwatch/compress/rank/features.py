"""What ranking knows of every unit: how it, its neighbours and its block match a question."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from tokwatch.compress.rank.answers import has_answer, kind
from tokwatch.compress.rank.units import Form, Units, speaker
from tokwatch.compress.rank.words import stems, words

_K1: Final = 1.2
_B: Final = 0.75
_FEEDBACK_BLOCKS: Final = 5
_FEEDBACK_TERMS: Final = 12
_NARROW: Final = 60
_BROAD: Final = 250
"""Words over which a match fades."""


class Features(NamedTuple):
    """Matches of one unit, each from 0 to 1."""

    unit: float
    block: float
    near: float
    """With the units beside it."""
    wide: float
    """With a dozen blocks around it."""
    block_covered: float
    """Share of the question's weight that its block has."""
    pairs: float
    """Neighbouring words of the question that it has as neighbours."""
    block_pairs: float
    block_fed: float
    """With words of the best blocks."""
    answer: float
    """Whether it has the kind of answer that is asked for."""
    title: float
    speaker: float
    around: float
    """How densely the question's words stand within some dozen words."""
    region: float
    """Within some hundred words."""
    fed_region: float
    """The same, with words of the best region."""
    lead: float
    """Whether it begins its block."""
    length: float


def features(of: Units, question: str) -> list[Features]:
    """Return the matches of every unit."""
    asked = list(dict.fromkeys(stems(question, of.language)))
    if not asked:
        asked = list(dict.fromkeys(words(question)))
    block_counts = [_sum(of.counts[u] for u in one) for one in of.members]
    weights = _weights(asked, block_counts)
    unit_weights = _weights(asked, of.counts)
    near_counts = [_sum(of.counts[max(0, u - 1) : u + 2]) for u in range(len(of.units))]
    blocks = bm25(block_counts, weights)
    fed = _feedback(blocks, block_counts, asked)
    region = dense(of, weights, _BROAD)
    pairs = set(pairwise(asked))
    unit_pairs = [_pairs(one, pairs, weights) for one in of.stems]
    return _normal(
        of,
        {
            "unit": bm25(of.counts, unit_weights),
            "near": bm25(near_counts, weights),
            "pairs": unit_pairs,
            "around": dense(of, weights, _NARROW),
            "region": region,
            "fed_region": dense(of, _region_words(of, region, asked), _BROAD),
            "answer": _answers(of, question),
            "lead": [float(u == of.members[b][0]) for u, b in enumerate(of.block_of)],
            "length": [min(1.0, sum(c.values()) / 12) for c in of.counts],
        },
        {
            "block": blocks,
            "wide": _wide(block_counts, weights, of.form),
            "block_pairs": [sum(unit_pairs[u] for u in one) for one in of.members],
            "block_fed": bm25(block_counts, fed),
            "block_covered": [_covered(one, weights) for one in block_counts],
            "title": [
                _covered(of.counts[one[0]], weights) if len(one) > 1 else 0.0 for one in of.members
            ],
            "speaker": _speakers(of, question),
        },
    )


def bm25(counts: Sequence[Counter[str]], weights: Mapping[str, float]) -> list[float]:
    """Return the match of every text with weighted words."""
    lengths = [sum(one.values()) for one in counts]
    mean = sum(lengths) / max(1, len(lengths)) or 1.0
    found = []
    for one, length in zip(counts, lengths, strict=True):
        norm = _K1 * (1 - _B + _B * length / mean)
        score = 0.0
        for word, weight in weights.items():
            if word in one:
                score += weight * one[word] * (_K1 + 1) / (one[word] + norm)
        found.append(score)
    return found


def dense(of: Units, weights: Mapping[str, float], reach: int) -> list[float]:
    """Return how densely weighted words stand around every unit; near ones count more."""
    sizes = [max(1, (end - begin) // 6) for begin, end in of.units]
    scores = [0.0] * len(sizes)
    for word, weight in weights.items():
        here = [one.get(word, 0) for one in of.counts]
        if any(here):
            before, after = _faded(here, sizes, reach), _faded(here[::-1], sizes[::-1], reach)[::-1]
            for number, count in enumerate(here):
                density = before[number] + after[number] - count
                scores[number] += weight * density / (density + 0.7)
    return scores


def _faded(counts: Sequence[int], sizes: Sequence[int], reach: int) -> list[float]:
    """Return the sum of what stands up to each place, fading with the words between."""
    found, held = [], 0.0
    for count, size in zip(counts, sizes, strict=True):
        held = held * math.exp(-size / reach) + count
        found.append(held)
    return found


def _region_words(of: Units, region: Sequence[float], asked: Sequence[str]) -> dict[str, float]:
    """Return the words that mark the best region, with weights."""
    if not region:
        return {}
    best = sorted(range(len(region)), key=lambda u: -region[u])[: max(4, len(region) // 25)]
    there = _sum(of.counts[u] for u in best)
    everywhere = _sum(of.counts)
    share = sum(there.values()) / max(1, sum(everywhere.values()))
    marks = {
        word: count * math.log(count / (everywhere[word] * share))
        for word, count in there.items()
        if count > 1 and word not in asked and count > everywhere[word] * share
    }
    chosen = sorted(marks, key=lambda word: (-marks[word], word))[: 2 * _FEEDBACK_TERMS]
    top = max((marks[word] for word in chosen), default=1.0) or 1.0
    return {word: marks[word] / top for word in chosen}


def _weights(asked: Sequence[str], counts: Sequence[Counter[str]]) -> dict[str, float]:
    """Return how much each word tells: rare ones more."""
    n = len(counts)
    found = {}
    for word in asked:
        df = sum(word in one for one in counts)
        found[word] = math.log(1 + (n - df + 0.5) / (df + 0.5))
    return found


def _feedback(
    scores: Sequence[float], counts: Sequence[Counter[str]], asked: Sequence[str]
) -> dict[str, float]:
    """Return the words that mark the best blocks, with weights: they may answer too."""
    best = sorted(range(len(scores)), key=lambda b: -scores[b])[:_FEEDBACK_BLOCKS]
    total = sum(scores[b] for b in best) or 1.0
    shares: Counter[str] = Counter()
    n = len(counts)
    for b in best:
        size = sum(counts[b].values()) or 1
        for word, count in counts[b].items():
            shares[word] += scores[b] / total * count / size  # type: ignore[assignment]  # shares
    rare = {
        word: share * math.log(1 + n / (1 + sum(word in one for one in counts)))
        for word, share in shares.most_common(60)
        if word not in asked
    }
    chosen = sorted(rare, key=lambda word: (-rare[word], word))[:_FEEDBACK_TERMS]
    top = max((rare[word] for word in chosen), default=1.0) or 1.0
    return {word: rare[word] / top for word in chosen}


def _covered(counts: Mapping[str, int], weights: Mapping[str, float]) -> float:
    total = sum(weights.values()) or 1.0
    return sum(weight for word, weight in weights.items() if word in counts) / total


def _pairs(unit: Sequence[str], pairs: set[tuple[str, str]], weights: Mapping[str, float]) -> float:
    found = {one for one in pairwise(unit) if one in pairs}
    return sum(weights[a] + weights[b] for a, b in found)


def _wide(counts: Sequence[Counter[str]], weights: Mapping[str, float], form: Form) -> list[float]:
    """Return the match of the blocks around every block, near ones counting more."""
    reach = 8 if form is Form.DIALOGUE else 1
    scores = bm25(counts, weights)
    return [
        sum(
            scores[o] * (1 - abs(o - b) / (reach + 1))
            for o in range(max(0, b - reach), min(len(scores), b + reach + 1))
        )
        for b in range(len(scores))
    ]


def _answers(of: Units, question: str) -> list[float]:
    answer, asked = kind(question), frozenset(words(question))
    return [has_answer(of.unit(u), answer, asked) for u in range(len(of.units))]


def _speakers(of: Units, question: str) -> list[float]:
    """Return whether the question names who speaks."""
    if of.form is not Form.DIALOGUE:
        return [0.0] * len(of.blocks)
    asked = set(words(question))
    found = []
    for begin, end in of.blocks:
        names = [w for w in words(speaker(of.text[begin:end])) if len(w) > 2]
        found.append(sum(name in asked for name in names) / len(names) if names else 0.0)
    return found


def _normal(
    of: Units, units: Mapping[str, Sequence[float]], blocks: Mapping[str, Sequence[float]]
) -> list[Features]:
    """Return matches as shares of the best."""
    columns: dict[str, list[float]] = {}
    for name, values in units.items():
        top = max(values, default=0.0) or 1.0
        columns[name] = [value / top for value in values]
    for name, values in blocks.items():
        top = max(values, default=0.0) or 1.0
        columns[name] = [values[b] / top for b in of.block_of]
    rows = zip(*(columns[name] for name in Features._fields), strict=True)
    return [Features(*row) for row in rows]


def _sum(counts: object) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in counts:  # type: ignore[attr-defined]  # an iterable of counters
        found.update(one)
    return found

"""What compressions came to: ratio, techniques, failures, and their share of all prompt tokens."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

from tokwatch.model.template import Failure, Run


class CompressionSum(NamedTuple):
    """Runs of one model, or of all."""

    model: str
    """Empty where they were counted in o200k."""
    runs: int = 0
    failed: int = 0
    before: int = 0
    after: int = 0
    median_reduction: float | None = None
    """Of the runs: half of them went further; None without any that had tokens."""
    accepted: int = 0
    rejected: int = 0
    ms: int = 0
    """The median run's."""
    summary_nano: int = 0
    """What models cost that were asked for summaries, as far as their prices are known."""

    @property
    def saved(self) -> int:
        """Return the tokens that are gone."""
        return self.before - self.after

    @property
    def ratio(self) -> float | None:
        """Return how many tokens became one; None without any."""
        return self.before / self.after if self.after else None

    @property
    def reduction(self) -> float | None:
        """Return the share of the tokens that is gone; None without any."""
        return self.saved / self.before if self.before else None

    @property
    def failure_rate(self) -> float | None:
        """Return the share of the runs that came to nothing; None without any."""
        return self.failed / self.runs if self.runs else None


class Technique(NamedTuple):
    """What one technique did in all runs."""

    name: str
    runs: int
    tokens: int
    """That it saved."""


class Compressions(NamedTuple):
    """What the runs of a range came to."""

    models: tuple[CompressionSum, ...]
    """Those with the most saved first."""
    total: CompressionSum
    techniques: tuple[Technique, ...]
    """Those that saved the most first."""
    failures: tuple[tuple[Failure, int], ...]
    prompt_tokens: int
    """Of all requests that the logs tell of in the range."""

    @property
    def optimised_share(self) -> float | None:
        """Return the tokens that were compressed against all prompt tokens; None without any."""
        return self.total.before / self.prompt_tokens if self.prompt_tokens else None


def compressions(runs: Sequence[Run], prompt_tokens: int) -> Compressions:
    """Return what runs came to."""
    by_model: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        by_model[run.model].append(run)
    sums = [_sum(model, found) for model, found in by_model.items()]
    failures = Counter(run.failure for run in runs if run.failure)
    return Compressions(
        tuple(sorted(sums, key=lambda one: (-one.saved, one.model))),
        _sum("", runs),
        _techniques(runs),
        tuple((one, failures[one]) for one in Failure if failures[one]),
        prompt_tokens,
    )


def _sum(model: str, runs: Sequence[Run]) -> CompressionSum:
    if not runs:
        return CompressionSum(model)
    reductions = [1 - run.after / run.before for run in runs if run.before]
    return CompressionSum(
        model,
        len(runs),
        sum(bool(run.failure) for run in runs),
        sum(run.before for run in runs),
        sum(run.after for run in runs),
        median(reductions) if reductions else None,
        sum(run.accepted for run in runs),
        sum(run.rejected for run in runs),
        round(median(run.ms for run in runs)),
        sum(run.summary_nano or 0 for run in runs),
    )


def _techniques(runs: Iterable[Run]) -> tuple[Technique, ...]:
    used: Counter[str] = Counter()
    saved: Counter[str] = Counter()
    for run in runs:
        used.update({name for name, _ in run.stages})
        for name, tokens in run.stages:
            saved[name] += tokens
    found = (Technique(name, used[name], saved[name]) for name in used)
    return tuple(sorted(found, key=lambda one: (-one.tokens, one.name)))

"""From a state of the workbench to what comes of it: edits, tokens by stage, losses."""

from __future__ import annotations

from collections import Counter as Tallies
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple
from zlib import crc32

from tokwatch.compress.apply import Work
from tokwatch.compress.nouns import Outcome, Prompt, Risk
from tokwatch.compress.scene import Settings
from tokwatch.compress.shapes import read_prompt, written
from tokwatch.compress.solver import Aim, Losses, chosen_texts, losses, shown, solve
from tokwatch.compress.stages import BY_NAME
from tokwatch.tokens.estimate import Counted
from tokwatch.workbench.meter import Meter, Scale
from tokwatch.workbench.state import Bench, EditKey, whole

MakeMeter = Callable[[str], Meter]
"""Load what counts for a model."""
_TRIED_UP_TO: Final = 20_000
"""Tokens up to which stages that are off are tried too, to tell what they would save."""


class StageSum(NamedTuple):
    """What a stage did, or would do."""

    name: str
    is_on: bool
    risk: Risk
    saved: int
    """Tokens of the model, without the rejected edits."""
    edits: int
    rejected: int
    is_run: bool
    """Whether it has run; it has not where it is off, or the target was met before."""
    would: int | None = None
    """What it would save at the end, where that was tried."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Worked:
    """What came of one state of the workbench."""

    bench: Bench
    outcome: Outcome
    counted: Counted
    """The original, and how its tokens are known."""
    before: int
    after: int
    budget: int | None
    text: str
    keys: tuple[EditKey, ...]
    """Of every edit, by number."""
    toggles: tuple[EditKey, ...]
    """By which each is rejected: of a group the first one's."""
    rejected: frozenset[int]
    shown: tuple[int, ...]
    """Numbers of the edits that stand, in the order of the text."""
    stages: tuple[StageSum, ...]
    losses: Losses | None = None
    """None until it was looked for."""
    first_change: int = 0
    """Tokens of the prompt before the first change that stands."""
    texts: tuple[str, ...] = field(default=(), repr=False)
    """Of every part, as it is now."""

    @property
    def prompt(self) -> Prompt:
        """The original."""
        return self.outcome.prompt

    @property
    def saved(self) -> int:
        """Tokens that are gone."""
        return self.before - self.after

    @property
    def is_met(self) -> bool:
        """Tell whether the target is reached with what was accepted."""
        return self.budget is None or self.after <= self.budget

    @property
    def share(self) -> float:
        """Share of the tokens that is gone."""
        return self.saved / self.before if self.before else 0.0


class Desk:
    """Works out one state after the other and remembers the newest; for one thread."""

    def __init__(self, make_meter: MakeMeter) -> None:
        self._make_meter = make_meter
        self._meters: dict[str, Meter] = {}
        self._prompt: Prompt | None = None
        self._solved: tuple[object, Outcome, Scale] | None = None
        self._would: tuple[object, dict[str, int]] | None = None

    def counted(self, bench: Bench) -> Counted:
        """Return the tokens of the text as it is, as fast as they can be told."""
        meter = self._meter(bench.model)
        raw = sum(meter.raw(part.text) for part in self._read(bench.text).parts)
        return meter.scale(bench.text, raw).counted

    def worked(self, bench: Bench) -> Worked:
        """Return what comes of a state, without losses; raise for what is no text."""
        outcome, scale = self._outcome(bench)
        keys = edit_keys(outcome)
        gone, toggles = bench.rejected, _toggles(outcome, keys)
        rejected = frozenset(
            n for n, key in enumerate(toggles) if key in gone or whole(keys[n][0]) in gone
        )
        texts = chosen_texts(outcome, rejected)
        meter = self._meter(bench.model)
        after = sum(meter.raw(text) for text in texts) if rejected else outcome.after
        standing = tuple(shown(outcome, rejected))
        return Worked(
            *(bench, outcome, scale.counted),
            before=scale.of(outcome.before),
            after=scale.of(after),
            budget=scale.of(outcome.budget) if bench.target.is_set else None,
            text=written(outcome.prompt, texts, outcome.dropped),
            keys=keys,
            toggles=toggles,
            rejected=rejected,
            shown=standing,
            stages=tuple(self._stages(bench, outcome, scale, rejected)),
            first_change=scale.of(self._unchanged(outcome, standing, meter)),
            texts=tuple(texts),
        )

    def with_losses(self, worked: Worked) -> Worked:
        """Return the same with what it costs the reader, and what other stages would save."""
        told = replace(worked, losses=losses(worked.outcome, worked.rejected))
        would = self._tried(worked)
        stages = (one._replace(would=would.get(one.name)) for one in told.stages)
        return replace(told, stages=tuple(stages))

    def _outcome(self, bench: Bench) -> tuple[Outcome, Scale]:
        asked = replace(bench, rejected=frozenset())
        if self._solved is not None and self._solved[0] == asked:
            return self._solved[1:]
        prompt = self._read(bench.text)
        meter = self._meter(bench.model)
        raw = sum(meter.raw(part.text) for part in prompt.parts)
        scale = meter.scale(bench.text, raw)
        outcome = solve(prompt, _settings(bench, meter), aim_of(bench, scale))
        self._solved = (asked, outcome, scale)
        return outcome, scale

    def _read(self, text: str) -> Prompt:
        if self._prompt is None or self._prompt.text != text:
            self._prompt = read_prompt(text)
        return self._prompt

    def _meter(self, model: str) -> Meter:
        if model not in self._meters:
            self._meters[model] = self._make_meter(model)
        return self._meters[model]

    def _stages(
        self, bench: Bench, outcome: Outcome, scale: Scale, rejected: frozenset[int]
    ) -> Iterable[StageSum]:
        runs = {run.name: run for run in outcome.runs}
        gone = Tallies(outcome.edits[number].stage for number in rejected)
        lost = Tallies[str]()
        for number in rejected:
            lost[outcome.edits[number].stage] += outcome.edits[number].tokens
        for one in bench.stages:
            run, stage = runs.get(one.name), BY_NAME[one.name]
            saved = max(0, run.saved - lost[one.name]) if run else 0
            yield StageSum(
                *(one.name, one.is_on, stage.risk, scale.of(saved)),
                *(run.edits if run else 0, gone[one.name], run is not None),
                note=run.note if run else "",
            )

    def _unchanged(self, outcome: Outcome, standing: Sequence[int], meter: Meter) -> int:
        """Return the raw tokens before the first change."""
        if not standing:
            return outcome.before
        first = outcome.edits[standing[0]]
        parts = outcome.prompt.parts
        before = sum(meter.raw(part.text) for part in parts[: first.part])
        return before + meter.raw(parts[first.part].text[: first.start])

    def _tried(self, worked: Worked) -> dict[str, int]:
        """Return what each stage that did not run would save on what there is now."""
        if worked.before > _TRIED_UP_TO:
            return {}
        asked = replace(worked.bench, rejected=frozenset())
        if self._would is None or self._would[0] != asked:
            self._would = (asked, dict(self._trials(worked)))
        return self._would[1]

    def _trials(self, worked: Worked) -> Iterable[tuple[str, int]]:
        bench, meter = worked.bench, self._meter(worked.bench.model)
        settings = _settings(bench, meter)
        parts = zip(worked.prompt.parts, worked.texts, strict=True)
        prompt = replace(
            worked.prompt, parts=tuple(replace(part, text=text) for part, text in parts)
        )
        factor = worked.before / worked.outcome.before if worked.outcome.before else 1.0
        for one in worked.stages:
            if not one.is_run:
                work = Work(prompt, settings, bench.keep)
                run = work.run(BY_NAME[one.name], worked.outcome.budget)
                if run.saved:
                    yield one.name, round(run.saved * factor)


def aim_of(bench: Bench, scale: Scale) -> Aim:
    """Return what the solver is asked for."""
    target, names = bench.target, tuple(one.name for one in bench.stages if one.is_on)
    return Aim(
        budget=None if target.tokens is None else scale.back(target.tokens),
        reduction=target.reduction or 0.0,
        level=bench.level,
        is_blind=bench.is_blind,
        stages=names if bench.chosen else None,
        all_stages=not target.is_set,
        keep=bench.keep,
    )


def edit_keys(outcome: Outcome) -> tuple[EditKey, ...]:
    """Return names of edits that hold when the text elsewhere is another one."""
    seen: Tallies[tuple[str, int, int]] = Tallies()
    found = []
    for edit in outcome.edits:
        words = outcome.prompt.parts[edit.part].text[edit.start : edit.end]
        of = (edit.stage, edit.part, _hash(f"{words}\0{edit.replacement}"))
        found.append((*of, seen[of]))
        seen[of] += 1
    return tuple(found)


def _toggles(outcome: Outcome, keys: Sequence[EditKey]) -> tuple[EditKey, ...]:
    first: dict[str, EditKey] = {}
    return tuple(
        first.setdefault(edit.group, key) if edit.group else key
        for edit, key in zip(outcome.edits, keys, strict=True)
    )


def _hash(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass"))


def _settings(bench: Bench, meter: Meter) -> Settings:
    return Settings(
        meter.raw,
        bench.question.strip(),
        examples=bench.examples,
        keep_results=bench.keep_results,
    )

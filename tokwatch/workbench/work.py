"""From a state of the workbench to what comes of it: edits, tokens by stage, losses."""

from __future__ import annotations

import dataclasses
from collections import Counter as Tallies
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Final

from msgspec.structs import replace

from tokwatch.compress.apply import Work
from tokwatch.compress.billed import beside, tokens_of
from tokwatch.compress.limits import Kept, Strategy, with_summary
from tokwatch.compress.nouns import Outcome, Prompt, Shape
from tokwatch.compress.shapes import read_prompt, written
from tokwatch.compress.solver import Aim, chosen_texts, losses, shown, solve
from tokwatch.compress.stages import BY_NAME
from tokwatch.tokens.estimate import Counted
from tokwatch.workbench.leaving import Leaving, Measure, leaving, still_gone
from tokwatch.workbench.meter import Meter, Scale
from tokwatch.workbench.rewritten import (
    OLD_REWRITING,
    saved_by,
    standing,
    whole_parts,
    with_others,
)
from tokwatch.workbench.state import Bench, whole
from tokwatch.workbench.tuning import LINGUA, Given, settings_of
from tokwatch.workbench.worked import StageSum, Worked, edit_keys, toggles_of

MakeMeter = Callable[[str], Meter]
"""Load what counts for a model."""
_TRIED_UP_TO: Final = 20_000
"""Tokens up to which stages that are off are tried too, to tell what they would save."""
Solved = tuple[Outcome, Scale, Leaving]


class Desk:
    """Works out one state after the other and remembers the newest; for one thread."""

    def __init__(self, make_meter: MakeMeter, make_given: Callable[[], Given] = Given) -> None:
        self._make_meter, self._make_given = make_meter, make_given
        self._meters: dict[str, Meter] = {}
        self._prompt: Prompt | None = None
        self._solved: tuple[Bench, Solved] | None = None
        self._would: tuple[object, dict[str, int]] | None = None

    @cached_property
    def _given(self) -> Given:
        return self._make_given()

    def counted(self, bench: Bench) -> Counted:
        """Return the tokens of the text as it is, as fast as they can be told."""
        meter = self._meter(bench.model)
        raw = tokens_of(self._read(bench), meter.raw, meter.wrapping)
        return meter.scale(bench.text, raw).counted

    def worked(self, bench: Bench) -> Worked:
        """Return what comes of a state, without losses; raise for what is no text."""
        outcome, scale, gone = self._outcome(bench)
        keys = edit_keys(outcome)
        refused, toggles = bench.rejected, toggles_of(outcome, keys)
        rejected = frozenset(
            n for n, key in enumerate(toggles) if key in refused or whole(keys[n][0]) in refused
        )
        texts = chosen_texts(outcome, rejected)
        meter = self._meter(bench.model)
        left = _left(outcome, gone, rejected)
        after = _counted(outcome, gone, texts, left, meter) if rejected else outcome.after
        stands = tuple(shown(outcome, rejected))
        return Worked(
            *(bench, outcome, scale.counted),
            before=scale.of(outcome.before),
            after=scale.of(after),
            budget=scale.of(outcome.budget) if bench.target.is_set else None,
            text=_text(outcome, gone, texts, left),
            keys=keys,
            toggles=toggles,
            rejected=rejected,
            shown=stands,
            stages=tuple(_stages(bench, outcome, scale, rejected)),
            first_change=scale.of(self._unchanged(outcome, stands, meter)),
            texts=tuple(texts),
            fits=gone.fits,
        )

    def with_losses(self, worked: Worked) -> Worked:
        """Return the same with what it costs the reader, and what other stages would save."""
        told = dataclasses.replace(worked, losses=losses(worked.outcome, worked.rejected))
        would = self._tried(worked)
        stages = (one._replace(would=would.get(one.name)) for one in told.stages)
        return dataclasses.replace(told, stages=tuple(stages))

    def _outcome(self, bench: Bench) -> Solved:
        asked = replace(bench, rejected=frozenset())
        if self._solved is None or self._solved[0] != asked:
            self._solved = (asked, self._worked_out(asked))
        return self._solved[1]

    def _worked_out(self, bench: Bench) -> Solved:
        prompt, meter = self._read(bench), self._meter(bench.model)
        before = tokens_of(prompt, meter.raw, meter.wrapping)
        by = Measure(meter.raw, meter.scale(bench.text, before), meter.wrapping)
        gone = leaving(prompt, bench, by)
        rewritings = standing(prompt, bench.rewritings, gone)
        if len(rewritings) < len(bench.rewritings):
            gone = gone._replace(notes=(*gone.notes, OLD_REWRITING))
        aim = aim_of(bench, by.scale, self._given)
        budget = aim.tokens(before)
        room = budget + saved_by(rewritings, meter.raw)
        if gone.summary is not None:
            room -= meter.raw(gone.summary.text) + meter.wrapping.message
        aim = replace(aim, budget=max(1, room), marks=whole_parts(rewritings))
        settings = settings_of(bench, meter.raw, meter.wrapping, self._given)
        outcome = solve(prompt, settings, aim, gone.messages)
        return with_others(outcome, gone, rewritings, by, budget), by.scale, gone

    def _read(self, bench: Bench) -> Prompt:
        kind = bench.origin.kind
        if self._prompt is None or self._prompt.text != bench.text:
            self._prompt = read_prompt(bench.text)
        if self._prompt.shape is Shape.PLAIN and self._prompt.parts[0].kind is not kind:
            self._prompt = replace(self._prompt, parts=(replace(self._prompt.parts[0], kind=kind),))
        return self._prompt

    def _meter(self, model: str) -> Meter:
        if model not in self._meters:
            self._meters[model] = self._make_meter(model)
        return self._meters[model]

    def _unchanged(self, outcome: Outcome, stands: Sequence[int], meter: Meter) -> int:
        """Return the raw tokens before the first change."""
        if not stands:
            return outcome.before
        first = outcome.edits[stands[0]]
        parts = outcome.prompt.parts
        before = sum(meter.raw(part.text) for part in parts[: first.part])
        return before + meter.raw(parts[first.part].text[: first.start])

    def _tried(self, worked: Worked) -> dict[str, int]:
        """Return what each stage that did not run would save on what there is now."""
        if worked.before > _TRIED_UP_TO:
            return {}
        if self._would is None or self._would[0] != worked.bench:
            self._would = (worked.bench, dict(self._trials(worked)))
        return self._would[1]

    def _trials(self, worked: Worked) -> Iterable[tuple[str, int]]:
        bench, meter = worked.bench, self._meter(worked.bench.model)
        settings = settings_of(bench, meter.raw, meter.wrapping, self._given)
        parts = zip(worked.prompt.parts, worked.texts, strict=True)
        prompt = replace(
            worked.prompt, parts=tuple(replace(part, text=text) for part, text in parts)
        )
        for one in worked.stages:
            if not one.is_run and one.name != LINGUA:  # that one takes seconds
                work = Work(prompt, settings, bench.keep)
                run = work.run(BY_NAME[one.name], worked.outcome.budget)
                if run.saved:
                    yield one.name, round(run.saved * worked.factor)


def aim_of(bench: Bench, scale: Scale, given: Given) -> Aim:
    """Return what the solver is asked for; a stage that lacks its model is left out."""
    target = bench.target
    names = (one.name for one in bench.stages if one.is_on)
    able = tuple(name for name in names if name != LINGUA or not given.lacking)
    return Aim(
        budget=None if target.tokens is None else scale.back(target.tokens),
        reduction=target.reduction or 0.0,
        level=bench.level,
        is_blind=bench.is_blind,
        stages=able if bench.chosen else None,
        all_stages=not target.is_set,
        keep=bench.keep,
    )


def _left(outcome: Outcome, gone: Leaving, rejected: frozenset[int]) -> tuple[int, ...]:
    """Return the messages that leave all the same."""
    groups = {outcome.edits[number].group for number in rejected} - {""}
    return still_gone(gone, tuple(groups), outcome.prompt)


def _counted(
    outcome: Outcome, gone: Leaving, texts: Sequence[str], left: Sequence[int], meter: Meter
) -> int:
    """Return the counted tokens of the result; a summary is a message more."""
    around = beside(outcome.prompt, meter.wrapping, left)
    if gone.summary is not None and left:
        around += meter.wrapping.message
    return around + sum(meter.raw(text) for text in texts)


def _text(outcome: Outcome, gone: Leaving, texts: Sequence[str], left: tuple[int, ...]) -> str:
    """Return the result in its shape: without what leaves, with its summary in that place."""
    prompt = outcome.prompt
    text = written(prompt, texts, left)
    if gone.summary is None or not left:
        return text
    kept = tuple(number for number in range(len(prompt.messages)) if number not in left)
    summary = gone.summary.text
    return with_summary(text, prompt, Kept(Strategy.SUMMARY, kept, left, 0, True), summary)


def _stages(
    bench: Bench, outcome: Outcome, scale: Scale, rejected: frozenset[int]
) -> Iterable[StageSum]:
    """Yield what is no stage and changes the text all the same, then the stages in order."""
    runs = {run.name: run for run in outcome.runs}
    gone = Tallies(outcome.edits[number].stage for number in rejected)
    lost = Tallies[str]()
    for number in rejected:
        lost[outcome.edits[number].stage] += outcome.edits[number].tokens
    on = {one.name: one.is_on for one in bench.stages}
    for name in (*(name for name in runs if name not in on), *on):
        run = runs.get(name)
        saved = max(0, run.saved - lost[name]) if run else 0
        yield StageSum(
            *(name, on.get(name, True), run.risk if run else BY_NAME[name].risk, scale.of(saved)),
            *(run.edits if run else 0, gone[name], run is not None),
            note=run.note if run else "",
        )

"""A model's rewriting as edits of the original, beside those of the stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from tokwatch.compress.draft import Span, rendered
from tokwatch.compress.nouns import Counter, Edit, Outcome, Prompt, Risk, StageRun
from tokwatch.workbench.leaving import Leaving, Measure, leaving_edits
from tokwatch.workbench.written import REWRITING, Rewriting

OLD_REWRITING = "A rewriting is of a text that has changed since: it is left out."


def standing(
    prompt: Prompt, rewritings: Sequence[Rewriting], gone: Leaving
) -> tuple[Rewriting, ...]:
    """Return the rewritings that are of parts as they are."""
    left = {part for number in gone.messages for part in prompt.messages[number].parts}
    return tuple(one for one in rewritings if one.is_of(prompt) and one.part not in left)


def whole_parts(rewritings: Sequence[Rewriting]) -> Mapping[int, Sequence[Span]]:
    """Return the parts that no stage may touch, for a model has rewritten them."""
    return {one.part: ((0, len(one.old)),) for one in rewritings}


def rewriting_edits(rewritings: Sequence[Rewriting], count: Counter) -> list[Edit]:
    """Return each change of words as an edit."""
    found = []
    for one in rewritings:
        for change in one.changes:
            old = one.old[change.start : change.end]
            found.append(Edit(
                *(one.part, change.start, change.end, change.replacement, REWRITING),
                *(change.reason, Risk.HIGH, count(old) - count(change.replacement)),
            ))  # fmt: skip
    return found


def saved_by(rewritings: Sequence[Rewriting], count: Counter) -> int:
    """Return the counted tokens that rewritings save."""
    edits = rewriting_edits(rewritings, count)
    return sum(
        count(one.old) - count(rendered(one.old, [edit for edit in edits if edit.part == one.part]))
        for one in rewritings
    )


def with_others(
    outcome: Outcome, gone: Leaving, rewritings: Sequence[Rewriting], by: Measure, budget: int
) -> Outcome:
    """Return what came of the stages with what leaves and what a model wrote, as edits too."""
    left = leaving_edits(outcome.prompt, gone, by)
    rewrote = rewriting_edits(rewritings, by.count)
    runs = list(outcome.runs)
    for name, edits, saved in (
        (gone.why, left, sum(edit.tokens for edit in left)),
        (REWRITING, rewrote, saved_by(rewritings, by.count)),
    ):
        if edits:
            before = outcome.before
            runs.append(StageRun(name, Risk.HIGH, before, before - saved, len(edits)))
    after = outcome.before - sum(run.saved for run in runs)
    return replace(
        outcome,
        edits=(*outcome.edits, *left, *rewrote),
        runs=tuple(runs),
        after=after,
        budget=budget,
        notes=(*gone.notes, *outcome.notes),
        dropped=(),
    )

"""Runs stages over the parts of a prompt: changes in, edits of the original text out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import accumulate
from typing import Final

from tokwatch.compress.billed import beside
from tokwatch.compress.draft import Draft, Hull, Span, Wish
from tokwatch.compress.nouns import Change, Edit, Prompt, StageRun
from tokwatch.compress.protect import Fence, Guard, Protection, marked, merged
from tokwatch.compress.scene import Scene, Settings, Stage, Touch, View

_BESIDE: Final = 6
"""Characters after a change that are counted with it."""
_REMEMBERED: Final = 200
"""Characters up to which the count of a text is worth remembering."""


class Work:
    """A prompt while it is compressed."""

    def __init__(
        self,
        prompt: Prompt,
        settings: Settings,
        keep: Sequence[str] = (),
        marks: Mapping[int, Sequence[Span]] | None = None,
        dropped: Iterable[int] = (),
    ) -> None:
        self.prompt, self.settings = prompt, settings
        self.drafts = [Draft(part.text) for part in prompt.parts]
        self.tokens = [settings.count(part.text) for part in prompt.parts]
        self.edits: list[Edit] = []
        left = frozenset(dropped)
        self.gone = {n for message in left for n in prompt.messages[message].parts}
        self.before = sum(self.tokens) + beside(prompt, settings.wrapping)
        """Tokens of the original, with all messages."""
        self._beside = beside(prompt, settings.wrapping, left)
        self._guarded = [
            Protection(part.text, merged([*marked(part.text, keep), *(marks or {}).get(n, ())]))
            for n, part in enumerate(prompt.parts)
        ]
        self._counted: dict[str, int] = {}

    @property
    def total(self) -> int:
        """Return the tokens of all parts as they stand, and of what is around them."""
        texts = sum(tokens for n, tokens in enumerate(self.tokens) if n not in self.gone)
        return texts + self._beside

    def texts(self) -> list[str]:
        """Return all parts as they stand."""
        return [draft.text for draft in self.drafts]

    def run(self, stage: Stage, budget: int) -> StageRun:
        """Let a stage work; what saves nothing is left as it was."""
        before = self.total
        scene = self._scene(stage, budget)
        asked: dict[int, list[Change]] = defaultdict(list)
        for change in stage.find(scene):
            asked[change.part].append(change)
        made: dict[int, tuple[list[Hull], list[Change]]] = {}
        fences = {view.number: view.fence for view in scene.views}
        for number, changes in asked.items():
            fitting = self._fitting(number, changes, fences[number], stage.touch)
            if fitting:
                hulls = self.drafts[number].hulls([_wish(change) for change in fitting])
                made[number] = (hulls, fitting)
        edits = self._edits(stage, made)
        if stage.is_frugal and before > budget:
            edits = _first(edits, before - budget)
        count = self._take(edits)
        note = stage.lacks(self.settings) if stage.lacks else ""
        return StageRun(stage.name, stage.risk, before, self.total, count, note)

    def _scene(self, stage: Stage, budget: int) -> Scene:
        kinds = stage.guards(self.settings)
        views = []
        for number, part in enumerate(self.prompt.parts):
            if part.is_editable and number not in self.gone and part.text:
                draft = self.drafts[number]
                fence = Fence(partial(_guarded, draft, self._guarded[number], kinds))
                texts = (draft.text, part.kind, part.about, part.message)
                views.append(View(number, *texts, self.tokens[number], fence, len(part.text)))
        fixed = self.total - sum(view.tokens for view in views)
        return Scene(tuple(views), self.prompt.messages, self.settings, max(0, budget - fixed))

    def _fitting(
        self, number: int, changes: list[Change], fence: Fence, touch: Touch
    ) -> list[Change]:
        """Return the changes that are apart and touch nothing that they must not."""
        text, fitting, at = self.drafts[number].text, [], 0
        for change in sorted(changes, key=lambda one: (one.start, -one.end)):
            if change.start < at or change.start >= change.end:
                continue
            at = change.end
            if fence.is_free(change.start, change.end):
                fitting.append(change)
            elif touch is not Touch.REMOVE:
                fitting += _around(change, text, fence)
        return [one for one in fitting if text[one.start : one.end] != one.replacement]

    def _edits(
        self, stage: Stage, made: Mapping[int, tuple[list[Hull], list[Change]]]
    ) -> list[tuple[Hull, Edit]]:
        """Return the edits that save tokens, alone or with their group."""
        found: list[tuple[Hull, Edit]] = []
        groups: dict[str, int] = defaultdict(int)
        for number, (hulls, changes) in made.items():
            text = self.drafts[number].text
            for hull in hulls:
                wishes = [changes[wish] for wish in hull.wishes]
                one = wishes[0]
                saved = sum(self._saving(text, w) for w in wishes)
                risk = max(w.risk if w.risk is not None else stage.risk for w in wishes)
                place = (number, hull.start, hull.end, hull.replacement)
                found.append((hull, Edit(*place, stage.name, one.reason, risk, saved, one.group)))
                if one.group:
                    groups[one.group] += saved
        return [
            (hull, edit)
            for hull, edit in found
            if (groups[edit.group] if edit.group else edit.tokens) > 0
        ]

    def _take(self, found: Iterable[tuple[Hull, Edit]]) -> int:
        """Carry out edits part by part; a part that does not get shorter stays as it was."""
        by_part: dict[int, list[tuple[Hull, Edit]]] = defaultdict(list)
        for hull, edit in found:
            by_part[edit.part].append((hull, edit))
        tried = {}
        for number, pairs in by_part.items():
            draft = self.drafts[number].after([hull for hull, _ in pairs])
            tried[number] = (draft, self.settings.count(draft.text))
        count = 0
        for number, (draft, tokens) in tried.items():
            if tokens < self.tokens[number]:
                self.drafts[number], self.tokens[number] = draft, tokens
                self.edits += [edit for _, edit in by_part[number]]
                count += len(by_part[number])
        return count

    def _saving(self, text: str, change: Change) -> int:
        """Return the tokens that a change saves, with what stands beside it: blanks join words."""
        start, end = change.start, change.end
        head, tail = text[max(0, start - 1) : start], text[end : end + _BESIDE]
        return self._count(head + text[start:end] + tail) - self._count(
            head + change.replacement + tail
        )

    def _count(self, text: str) -> int:
        if len(text) > _REMEMBERED:
            return self.settings.count(text)
        known = self._counted.get(text)
        if known is None:
            known = self._counted[text] = self.settings.count(text)
        return known


def _first(edits: list[tuple[Hull, Edit]], tokens: int) -> list[tuple[Hull, Edit]]:
    """Return the first edits that save so many tokens together."""
    sums = accumulate(edit.tokens for _, edit in edits)
    enough = next((n for n, saved in enumerate(sums, 1) if saved >= tokens), len(edits))
    return edits[:enough]


def _guarded(draft: Draft, protection: Protection, kinds: frozenset[Guard]) -> list[Span]:
    return draft.current(protection.spans(kinds))


def _wish(change: Change) -> Wish:
    return Wish(change.start, change.end, change.replacement)


def _around(change: Change, text: str, fence: Fence) -> list[Change]:
    """Return a change as changes beside what is protected in it, where its words allow that.

    They do when the replacement has every protected text that it touches, whole and in order.
    """
    found: list[Change] = []
    at, used = change.start, 0
    for start, end in fence.within(change.start, change.end):
        place = change.replacement.find(text[start:end], used)
        if start < at or end > change.end or place < 0:
            return []
        found.append(_part_of(change, at, start, change.replacement[used:place]))
        at, used = end, place + end - start
    found.append(_part_of(change, at, change.end, change.replacement[used:]))
    if any(one.start == one.end and one.replacement for one in found):
        return []
    group = change.group or f"{change.part}:{change.start}:{change.reason}"
    return [
        Change(one.part, one.start, one.end, one.replacement, one.reason, one.risk, group)
        for one in found
        if one.start < one.end
    ]


def _part_of(change: Change, start: int, end: int, replacement: str) -> Change:
    return Change(change.part, start, end, replacement, change.reason, change.risk, change.group)

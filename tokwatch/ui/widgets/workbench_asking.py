"""What a model of the user's choice is asked for: told before, followed, and what came of it."""

from __future__ import annotations

from msgspec import Struct
from rich.style import Style

from tokwatch.model.snapshot import Snapshot
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.scrolled import Scrolled
from tokwatch.ui.workbench_words import cents
from tokwatch.words import counted
from tokwatch.workbench.asking import Came, Wanted
from tokwatch.workbench.laid import wrapped
from tokwatch.workbench.rows import clean
from tokwatch.workbench.shown import Shown, Warmth


class AskingShown(Struct, frozen=True):
    """How far it is."""

    wanted: Wanted | None = None
    text: str = ""
    """What the model has written so far."""
    is_sending: bool = False
    is_broken_off: bool = False
    came: Came | None = None
    problem: str = ""
    worth: Warmth | None = None
    """What it would do to the cache of the session that the text is from."""

    @property
    def is_ready(self) -> bool:
        """Tell whether it can be sent."""
        return self.wanted is not None and not (self.is_sending or self.is_over)

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will come."""
        return self.is_broken_off or self.came is not None or bool(self.problem)


class BenchAsking(Scrolled[AskingShown]):
    """What would be sent where and cost; the answer while it comes; what was paid."""

    ALLOW_MAXIMIZE = False
    TITLE = "ask a model"
    KIND = AskingShown
    HELP = """
    # Asking a model
    The only thing on the workbench that sends text away: to the address of `[workbench] gateway`,
    once you press `enter` here. What it would send, where to and what that costs stands above.

    * `enter` sends it, `escape` leaves; while it is sent `escape` breaks it off
    * `-` `+` how long a rewriting may be
    * what must stay is looked for in what comes back: a rewriting that lost any of it is not taken
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._content = AskingShown()

    def put(self, shown: AskingShown) -> None:
        """Show how far it is; the newest of an answer is in sight."""
        self._content = shown
        if shown.is_sending:
            self.scroll_to_line(1 << 30)
        self.redraw()

    def lines(self, content: AskingShown, width: int, inks: Inks) -> list[Line]:
        """Return what is told at this moment."""
        found: list[Line] = []
        if content.wanted is not None:
            found += _flowed(content.wanted.words[:1].upper() + content.wanted.words[1:] + ".",
                             width, inks.strong)  # fmt: skip
            found += _flowed(content.wanted.planned.words, width, inks.text)
            if content.worth is not None and not content.is_over:
                found += _flowed(_worth(content.worth), width, inks.warning)
            found.append([])
        if content.problem:
            found += _flowed(f"! {content.problem}", width, inks.error)
            return found
        if content.wanted is None:
            return [[("counting what would be sent …", inks.muted)]]
        if content.is_ready:
            found += _flowed("Nothing is sent until you press enter.", width, inks.warning)
            if not content.wanted.is_summary:
                found += _flowed("- and + make it shorter or longer.", width, inks.muted)
            return found
        return [*found, *_answer(content, width, inks)]

    def corner(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how much has come."""
        one = self._content
        if one is None or not one.is_sending:
            return []
        told = counted(len(one.text), "character") if one.text else "sent, waiting"
        return [(f"{told} … esc breaks it off", inks.warning)]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where the numbers come from."""
        return (
            "Before: tokens counted here, at the price list's price of the gateway's model. After: "
            "the tokens that the gateway says it billed; where it tells none they are counted.",
        )


def _answer(content: AskingShown, width: int, inks: Inks) -> list[Line]:
    found = _flowed(content.text, width, inks.muted if content.is_sending else inks.text)
    came = content.came
    if content.is_broken_off:
        told = "Broken off: nothing has changed. What was sent until then may be billed."
        return [*found, [], *_flowed(told, width, inks.warning)]
    if came is None:
        return found
    ink = inks.good if came.bench is not None else inks.error
    mark = "✓" if came.bench is not None else "✗"
    lines = [*found, [], *_flowed(f"{mark} {came.told}", width, ink)]
    lines += _flowed(f"It took {came.cost}.", width, inks.text)
    if came.missing:
        what = "Named behind it, for it forgot them" if came.bench is not None else "Lost"
        lines += _flowed(f"{what}: {', '.join(came.missing)}", width, inks.warning)
    return lines


class ReplacedTexts(Scrolled[Shown]):
    """The messages that a summary stands for."""

    ALLOW_MAXIMIZE = False
    TITLE = "what the summary replaced"
    KIND = Shown
    HELP = """
    # What the summary replaced
    The messages that it stands for, as they were. `u` on the workbench brings them back, `x` on the
    change too.
    """

    def __init__(self, shown: Shown) -> None:
        super().__init__()
        self._content = shown

    def lines(self, content: Shown, width: int, inks: Inks) -> list[Line]:
        """Return the messages, the oldest first."""
        summary = content.bench.summary
        if summary is None:
            return [[("there is no summary", inks.muted)]]
        found: list[Line] = []
        for number, text in zip(summary.replaced, summary.originals, strict=True):
            role, _, said = text.partition(": ")
            found.append([(f"── message {number + 1} · {clean(role)} ", inks.accent)])
            found += _flowed(said, width, inks.text)
        return found

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what they are."""
        return ("The messages as they stood in the prompt before the summary.",)


def _worth(worth: Warmth) -> str:
    """Return what it costs and saves where the text is in a session's cache."""
    sums = worth.sums
    pays = "it never pays"
    if sums.requests is not None:
        pays = f"it pays after {counted(sums.requests, 'request')}"
    anew = f" and {worth.behind:,} tokens written anew" if worth.is_warm else ""
    prefix = "! The prefix is warm" if worth.is_warm else "The prefix is cold"
    costs = f"{cents(sums.costs_now)} now (the model{anew})"
    return f"{prefix}: saves {cents(sums.saves)} a request and costs {costs}, {pays}."


def _flowed(text: str, width: int, ink: Style) -> list[Line]:
    """Return a text in lines of a width; what a terminal would obey is a sign."""
    return [
        [(words, ink) for words, _ in segs]
        for line in text.rstrip().split("\n")
        for segs in wrapped(((clean(line), 0),), max(8, width))
    ]

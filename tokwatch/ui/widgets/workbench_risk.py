"""The change that is looked at, what is gone, and what the cut does to a cache."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.geometry import Size

from tokwatch.compress.nouns import Ledger, Risk
from tokwatch.model.snapshot import Snapshot
from tokwatch.ui import format as fmt
from tokwatch.ui import workbench_words as words
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.scrolled import Scrolled
from tokwatch.ui.widgets.workbench_pane import BenchPane
from tokwatch.workbench.answers import ChangeTold
from tokwatch.workbench.laid import wrapped
from tokwatch.workbench.rows import clean
from tokwatch.workbench.shown import Shown

_FEW: Final = 3
"""Lines of which each has to tell something else."""


class BenchRisk(BenchPane, can_focus=True):
    """What the compression may cost the reader."""

    TITLE = "risk"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.ledger", "Losses", show=False, id="bench.ledger",
                tooltip="List what is gone: numbers, names, addresses, identifiers, negations"),
    ]  # fmt: skip
    HELP = """
    # Risk
    The change under the cursor with its stage, its risk and why it was made; then the ledger of
    what stood in the original and stands nowhere in the result, and what the cut does to the cache
    of the session that the text is from: an edit into a warm prefix makes all behind it be written
    anew.

    * `enter` lists what is gone
    """

    def lines(self, shown: Shown, size: Size, inks: Inks) -> list[Line]:
        """Return the change, the ledger, the cache, the notes."""
        found: list[Line] = []
        sums, warmth = shown.sums, shown.warmth
        told = warmth is not None and (warmth.is_warm or size.height > _FEW)
        if shown.change is not None:
            found.append(_head(shown.change, inks))
            if size.height > _FEW or not told:
                found.append(_words(shown.change, size.width, inks))
        if warmth is not None and told:
            found.append(words.warmth_line(warmth, inks))
        if sums is not None and sums.losses is not None:
            found.append(words.ledger_line(sums.losses.ledger, inks))
        elif sums is not None:
            found.append([("looking for what is gone …", inks.muted)])
        notes = sums.notes if sums is not None else ()
        more = (shown.bench.origin.note,) if shown.bench.origin.note else ()
        for note in (*notes, *more):
            found += _note(note, size.width, inks)
        if not found:
            found = [[("looking …" if shown.is_working else "nothing to tell", inks.muted)]]
        return found

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where it comes from."""
        return (
            "The ledger compares numbers, names, addresses, identifiers and negations of the "
            "original with those of the result. Retention weighs the shares that are still there; "
            "it tells nothing of how well a model answers.",
            "Cache: tokens behind the first change are written anew at the price of writing, less "
            "that of reading; what was cut saves its price of reading with each request.",
        )


def _head(change: ChangeTold, inks: Inks) -> Line:
    """Return a change's stage, risk and reason."""
    ink = {Risk.HIGH: inks.error, Risk.MEDIUM: inks.warning}.get(change.risk, inks.muted)
    state = "rejected: x accepts it" if change.is_rejected else "x rejects it"
    tokens = f"-{change.tokens:,}" if change.tokens > 0 else f"+{-change.tokens:,}"
    return [
        (f"{change.stage} ", inks.strong), (words.RISK_WORDS[change.risk], ink),
        (f" · {fmt.clean(change.reason)} · ", inks.muted), (tokens, inks.text),
        (f" · {state}", inks.warning if change.is_rejected else inks.muted),
    ]  # fmt: skip


def _words(change: ChangeTold, width: int, inks: Inks) -> Line:
    """Return what a change puts in whose place."""
    half = max(10, (width - 8) // 2)
    old, new = (_quoted(text, half) for text in (change.old, change.new))
    return [("  ", inks.text), (old, inks.text), (" → ", inks.muted), (new, inks.text)]


def _note(note: str, width: int, inks: Inks) -> list[Line]:
    """Return what the engine tells, in lines of a width."""
    first, *rest = wrapped(((clean(note), 0),), max(8, width - 2))
    lines: list[Line] = [[("! ", inks.warning), *((text, inks.text) for text, _ in first)]]
    return lines + [[("  ", inks.text), *((text, inks.text) for text, _ in one)] for one in rest]


def _quoted(text: str, width: int) -> str:
    """Return words in quotes; what they are where there are none to see."""
    if not text:
        return "nothing"
    words = text.strip()
    return f"“{fmt.fit_to(clean(words), width)}”" if words else "blanks"


class LedgerFacts(Scrolled[Shown]):
    """Everything that is gone, by kind."""

    ALLOW_MAXIMIZE = False
    TITLE = "what is gone"
    KIND = Shown
    HELP = """
    # What is gone
    What stood in the original and stands nowhere in the result, in the order of the original, at
    most 200 of a kind.
    """

    def __init__(self, shown: Shown) -> None:
        super().__init__()
        self._content = shown

    def lines(self, content: Shown, width: int, inks: Inks) -> list[Line]:
        """Return the kinds, each with what is gone of it."""
        losses = content.sums.losses if content.sums else None
        ledger = losses.ledger if losses is not None else Ledger()
        found: list[Line] = []
        for name, word in words.KINDS.items():
            gone: tuple[str, ...] = getattr(ledger, name)
            found.append([(f"{name:<13}", inks.strong), (f"{len(gone):,}", inks.text)])
            if word == "negation":
                found += [[("  ", inks.text), (fmt.fit_to(clean(one), width - 4), inks.text)]
                          for one in gone]  # fmt: skip
            else:
                found += _flowed(gone, width, inks)
        return found

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where it comes from."""
        return ("The original's numbers, names and so on that the result does not have.",)


def _flowed(gone: tuple[str, ...], width: int, inks: Inks) -> list[Line]:
    """Return words in lines of a width."""
    lines: list[Line] = []
    line = "  "
    for one in gone:
        word = fmt.fit_to(clean(one), width - 4)
        if len(line) + len(word) + 2 > width and line.strip():
            lines.append([(line, inks.text)])
            line = "  "
        line += word + "  "
    return [*lines, [(line, inks.text)]] if line.strip() else lines

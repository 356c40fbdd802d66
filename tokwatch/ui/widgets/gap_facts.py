"""One comparison in full: every class on both sides, each reason, and what to do about it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import zip_longest
from typing import ClassVar, Final

from textual.binding import BindingType

from tokwatch.model.reconciliation import Pair, Row
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.reconciliation import NOTHING_TOLD, ReconcilePage
from tokwatch.ui import format as fmt
from tokwatch.ui import gap_words as words
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, width_of
from tokwatch.ui.widgets.painted import ZOOM
from tokwatch.ui.widgets.scrolled import Scrolled

CLASSES: Final = ("requests", "input", "cache read", "cache write", "output")
LABEL, NUMBER, BESIDE = 12, 12, 88
"""Cells of a label and of a number; from so many on reasons stand beside the figures."""
LEFT: Final = LABEL + 3 * NUMBER + 3


class GapFacts(Scrolled[ReconcilePage], can_focus=True):
    """The chosen comparison; as a panel it stands still."""

    TITLE = "why"
    KIND = ReconcilePage
    EMPTY = NOTHING_TOLD
    HELP = """
    # Why
    Logs and report class by class; each likely reason of the gap, what it rests on and what to do
    about it; the keys and users on both sides with their tokens (of a bill: dollars); and under
    which other names the model goes.
    """
    BINDINGS: ClassVar[list[BindingType]] = [ZOOM]

    def __init__(self, key: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._key = key

    def show(self, key: str) -> None:
        """Show another comparison."""
        if key != self._key:
            self._key = key
            self.scroll_to_line(0)
            self.redraw()

    @property
    def _row(self) -> Row | None:
        """The comparison as it is now."""
        rows = self.content.found.rows if self.content else ()
        return next((row for row in rows if words.key_of(row.pair) == self._key), None)

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return day, model and report."""
        line: Line = [(self.TITLE, inks.text)]
        if (row := self._row) is not None:
            pair = row.pair
            told = (words.date(pair.day), words.model_name(pair), _report(pair))
            line.append((f" · {' · '.join(told)}", inks.muted))
        return line

    def lines(self, content: ReconcilePage, width: int, inks: Inks) -> list[Line]:
        """Return figures and reasons, beside each other where there is room."""
        row = self._row
        if row is None:
            return [[("nothing is compared here", inks.muted)]]
        figures = list(_figures(row.pair, inks))
        if width < BESIDE:
            return [*figures, [], *_reasons(row, width, inks)]
        reasons = _reasons(row, width - LEFT - 1, inks)
        return [
            [*left, (" " * (LEFT - width_of(left)), inks.text), *right]
            for left, right in zip_longest(figures, reasons, fillvalue=())
        ]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where the figures come from."""
        return (
            "Logs: requests of that UTC day and model in this store that the report is about, by "
            "class. It says: the endpoint's own buckets of that day. Cache writes are of either "
            "time to live. The cost of the logs is the one that [prices] mode chooses.",
            "Keys and users: on the report's side those that it names, on the logs' side those of "
            "their requests; a provider's ids of keys are not compared with a gateway's names.",
        )


def _report(pair: Pair) -> str:
    return words.report_name(pair.endpoint, pair.report)


def _figures(pair: Pair, inks: Inks) -> Iterator[Line]:
    """Yield a line for each class, all tokens, and dollars."""
    heads = "".join(f"{head:>{NUMBER}}" for head in ("logs", "it says", "gap"))
    yield [(" " * LABEL + heads, inks.muted)]
    sides = (pair.logs, pair.says, pair.gap)
    for place, label in enumerate(CLASSES):
        told = [words.narrow_tokens(s[place], NUMBER - 1, is_gap=s is pair.gap) for s in sides]
        yield _figure(label, told, inks)
    tokens = [words.narrow_tokens(s.tokens, NUMBER - 1, is_gap=s is pair.gap) for s in sides]
    yield _figure("tokens", tokens, inks)
    money = [words.narrow_money(s.cost_nano, NUMBER - 1, is_gap=s is pair.gap) for s in sides]
    yield _figure("cost", money, inks)


def _figure(label: str, told: list[str], inks: Inks) -> Line:
    line: Line = [(f"{label:<{LABEL}}", inks.muted)]
    for text in told:
        ink = inks.muted if text in (words.UNKNOWN, "0") else inks.text
        line.append((f"{text:>{NUMBER}}", ink))
    return line


def _reasons(row: Row, width: int, inks: Inks) -> list[Line]:
    """Return each reason with what to do, then who used it, then the names of the model."""
    lines: list[Line] = []
    for reason in row.reasons:
        told = _wrapped(words.words(reason, row.pair), width - 2)
        lines += [[("● " if not number else "  ", inks.warning), (part, inks.text)]
                  for number, part in enumerate(told)]  # fmt: skip
        step = _wrapped(words.STEPS[reason.why], width - 2)
        lines += [[("  ", inks.muted), (part, inks.muted)] for part in step]
    if not row.reasons:
        lines.append([("both sides agree exactly", inks.good)])
    for told_of in _names(row.pair):
        lines += [[(part, inks.muted)] for part in _wrapped(told_of, width)]
    return lines


def _names(pair: Pair) -> Iterator[str]:
    """Yield keys and users of both sides, and the model's other names."""
    for name, told, logged in (
        ("keys", pair.keys, pair.logged_keys),
        ("users", pair.users, pair.logged_users),
    ):
        for side, amounts in ((f"its {name}", told), (f"{name} of the logs", logged)):
            if any(who for who, _ in amounts):
                of = (f"{who or 'none named'} {_amount(pair, n)}" for who, n in amounts)
                yield f"{side}: {', '.join(of)}"
    others = sorted({*pair.told_as, *pair.logged_as} - {pair.model, ""})
    if others:
        yield f"{'also called' if pair.model else 'models:'} {', '.join(others)}"
    if pair.lower_bound:
        yield f"{pair.lower_bound:,} of the logs' requests were logged unfinished"


def _amount(pair: Pair, amount: int) -> str:
    return words.money_of(amount) if pair.is_money else f"{amount:,}"


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(fmt.clean(text), max(10, width)) or [""]

"""One model of a what-if: its rates, and where the difference to what was paid arises."""

from __future__ import annotations

import textwrap

from textual.geometry import Size

from tokwatch.analysis.calendar import instant
from tokwatch.analysis.what_if import Rate, Repriced, Way, WhatIf
from tokwatch.model.snapshot import Snapshot
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.painted import Pane

NAME = 14
RATES = ("input", "cache read", "written 5 min", "written 1 h", "output")


class WhatIfFacts(Pane, can_focus=True):
    """A panel's lines; they stand still."""

    ALLOW_MAXIMIZE = False
    TITLE = "what if"
    HELP = """
    # What if: one model
    The rates of its list, dollars per million tokens, with the dates and sizes of prompts that
    they hold for; what each way of sending the slice would cost; and the same split by the models
    that the requests were made with.
    """

    def __init__(self, row: Repriced, found: WhatIf) -> None:
        super().__init__()
        self._row, self._found = row, found

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the model's name."""
        return [(f"what if · {fmt.clean(self._row.candidate.model.name)}", inks.text)]

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return rates, costs and the split."""
        lines = [*self._rates(snapshot, inks), [], *self._ways(inks), [], *self._split(inks)]
        note = self._row.offer.note
        lines += [[], *([(part, inks.warning)] for part in textwrap.wrap(note, size.width))]
        return lines

    def _rates(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        heading = "".join(f"{name:>14}" for name in RATES)
        lines: list[Line] = [[("dollars per million tokens", inks.muted)], [(heading, inks.muted)]]
        cards = self._row.offer.rates
        for card in cards:
            rates = "".join(f"{fmt.money(nano, 3):>14}" for nano in card.tokens)
            lines.append([(rates, inks.text), (f"  {_holds(card, snapshot.zone)}", inks.muted)])
        source = cards[-1].source if cards else "unpriced"
        return [*lines, [(f"from {source}", inks.muted)]]

    def _ways(self, inks: Inks) -> list[Line]:
        found, row = self._found, self._row
        lines: list[Line] = [
            [(f"{'as it was':<{NAME}}", inks.muted), (f"{fmt.money(found.computed_nano, 4):>16}",
             inks.text), ("   computed", inks.muted)]
        ]  # fmt: skip
        for way in Way:
            cost = row.nano[way]
            text = "n/a" if cost is None else fmt.money(cost, 4)
            lines.append([(f"{way:<{NAME}}", inks.muted), (f"{text:>16}", inks.strong)])
        return lines

    def _split(self, inks: Inks) -> list[Line]:
        heading = f"{'made with':<28}{'requests':>10}{'computed':>14}{'as cached':>14}"
        lines: list[Line] = [[(heading, inks.muted)]]
        for one in self._row.was:
            name = fmt.fit(fmt.short_model(one.model.name) or fmt.NOTHING, 28)
            figures = f"{fmt.money(one.computed_nano):>14}{fmt.money(one.nano):>14}"
            lines.append([(name, inks.text), (f"{one.requests:>10,}{figures}", inks.text)])
        return lines

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where the rates come from."""
        return ("The model's cards in the price list, with your own overrides.",)


def _holds(card: Rate, zone: str) -> str:
    """Return when and for which prompts a card holds."""
    told = [
        f"{word} {instant(at_ms).astimezone(fmt.zone(zone)):%d %b %Y}"
        for word, at_ms in (("since", card.since_ms), ("until", card.until_ms))
        if at_ms is not None
    ]
    told += [
        f"prompts {word} {size:,}"
        for word, size in (("above", card.above), ("up to", card.upto))
        if size is not None
    ]
    return ", ".join(told)

"""One request: every stored fact, and its record in the log."""

from __future__ import annotations

import textwrap
from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from tokwatch.analysis.calendar import instant
from tokwatch.model.event import FACTS, Grade
from tokwatch.model.evidence import Evidence, Place
from tokwatch.model.snapshot import Snapshot
from tokwatch.model.usage import CostMode
from tokwatch.pages.request import RequestPage
from tokwatch.ui import format as fmt
from tokwatch.ui.evidence_lines import GRADES
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, wrapped
from tokwatch.ui.raw_lines import record_lines
from tokwatch.ui.widgets.scrolled import Scrolled
from tokwatch.ui.widgets.session_columns import share_of
from tokwatch.ui.widgets.session_facts import BASIS
from tokwatch.words import counted

NAME: Final = 13
CLASSES: Final = (
    ("new input", "input"),
    ("cache read", "cache_read"),
    ("written 5 min", "cache_write_5m"),
    ("written 1 h", "cache_write_1h"),
    ("output", "output"),
)
"""Name and class of tokens."""


class RequestFacts(Scrolled[RequestPage]):
    """Lines to read, scrolled by keys; `enter` shows the record in the log."""

    ALLOW_MAXIMIZE = False
    TITLE = "request"
    KIND = RequestPage
    HELP = """
    # One request
    Everything that is stored of it: tokens by class, both costs and which of them counts, where
    its log tells of it, what other logs say. `enter` reads its record from the log: escaped,
    long texts cut, and kept nowhere.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.raw", "Record", id="request.raw",
                tooltip="Show the record in the log, or hide it"),
        Binding("y", "screen.copy", "Copy", id="copy", tooltip="Copy what the pane shows"),
    ]  # fmt: skip

    goes_to_record = False
    """Whether the record is to be seen as soon as it is there."""

    def __init__(self, mode: CostMode) -> None:
        super().__init__()
        self._mode = mode

    def lines(self, content: RequestPage, width: int, inks: Inks) -> list[Line]:
        """Return all lines: whose it is, tokens, costs, places, facts, other logs, the record."""
        stored = content.stored
        if stored is None:
            return [[("This request is no longer stored: it was pruned.", inks.muted)]]
        one = stored.evidence
        blocks = (
            self._whose(content, width, inks),
            _tokens(content, inks),
            self._costs(content, inks),
            _places(one, width, inks),
            _facts(content, inks),
            _statements(content, inks),
            _record(content, width, inks),
        )
        lines: list[Line] = []
        record = len(blocks[-1])
        for block in blocks:
            lines += [[]] if lines and block else []
            lines += [part for line in block for part in wrapped(line, width)]
        if self.goes_to_record and content.raw is not None:
            self.goes_to_record = False
            self.scroll_to_line(len(lines) - record)
        return lines

    def _whose(self, content: RequestPage, width: int, inks: Inks) -> list[Line]:
        stored = content.stored
        assert stored is not None
        assert self.snapshot is not None
        one, scope = stored.evidence, stored.evidence.scope
        where = fmt.zone(self.snapshot.zone)
        at = instant(one.at_ms).astimezone(where)
        took = one.at_ms - stored.first_ms
        told = f"{at:%a %d %b %Y %H:%M:%S}.{one.at_ms % 1000:03} {self.snapshot.zone}"
        model = f"{fmt.clean(one.model.name) or fmt.NOTHING}"
        more = [fmt.clean(one.model.provider)] if one.model.provider else []
        more += [f"tier {fmt.clean(one.model.tier)}"] if one.model.tier != "standard" else []
        facts = [
            ("answered", told + (f" · first record {took / 1000:.1f} s before" if took else "")),
            ("model", " · ".join([model, *more])),
            ("session", f"{scope.source} · {fmt.clean(scope.session) or fmt.NOTHING}"),
            ("agent", stored.kind + (f" · {fmt.clean(scope.agent)}" if scope.agent else "")),
            ("project", _joined(scope.project, scope.branch)),
            ("of", _joined(scope.user, scope.key, scope.tag, scope.machine)),
            ("key", f"{one.key:x}"),
        ]
        return [
            _line("" if number else name, part, inks)
            for name, text in facts
            for number, part in enumerate(textwrap.wrap(fmt.clean(text), max(20, width - NAME)))
        ]

    def _costs(self, content: RequestPage, inks: Inks) -> list[Line]:
        stored = content.stored
        assert stored is not None
        one = stored.evidence
        which, _ = one.counted(self._mode)
        named = (("logged", one.logged_nano, "as the tool wrote it"),
                 ("computed", one.computed_nano, _priced(content)))  # fmt: skip
        lines: list[Line] = []
        for name, nano, note in named:
            amount = fmt.NOTHING if nano is None else fmt.money(nano, 6)
            counts = " · counts" if name == which else ""
            ink = inks.strong if counts else inks.text
            lines.append([(f"{name:<{NAME}}", inks.muted), (f"{amount:>14}", ink),
                          (counts, inks.accent), (f"   {note}", inks.muted)])  # fmt: skip
        if not which:
            lines.append([("It has no cost that counts.", inks.warning)])
        return lines

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return which request it is."""
        stored = self.content.stored if self.content else None
        if stored is None:
            return [(self.TITLE, inks.text)]
        model = fmt.short_model(stored.evidence.model.name)
        return [(self.TITLE, inks.text), (f" · {fmt.clean(model)}", inks.muted)]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what is shown."""
        return ("One event of the store as its log tells it, and what other logs tell of it.",)


def _joined(*names: str) -> str:
    return " · ".join(fmt.clean(name) for name in names if name)


def _line(name: str, text: str, inks: Inks) -> Line:
    return [(f"{name:<{NAME}}", inks.muted), (text, inks.text)]


def _tokens(content: RequestPage, inks: Inks) -> list[Line]:
    stored, context = content.stored, content.context
    assert stored is not None
    one = stored.evidence
    counts = {"output": f"of it reasoning {one.reasoning:,}" if one.reasoning else ""}
    lines: list[Line] = []
    for name, field in CLASSES:
        count: int | None = getattr(one, field)
        number = "not told" if count is None else f"{count:,}"
        lines.append([(f"{name:<{NAME}}", inks.muted), (f"{number:>14}", inks.text),
                      (f"   {counts.get(field, '')}", inks.muted)])  # fmt: skip
    if stored.web_searches:
        lines.append([(f"{'web searches':<{NAME}}", inks.muted),
                      (f"{stored.web_searches:>14,}", inks.text)])  # fmt: skip
    if one.requests != 1:
        lines.append([(f"The sum of {counted(one.requests, 'request')}.", inks.warning)])
    if not one.is_final:
        told = "≥ its log does not tell that the answer was finished: a lower bound"
        lines.append([(told, inks.warning)])
    if context is not None:
        basis = BASIS.get(context.basis, context.basis)
        words = f"{share_of(context)} of {counted(context.window, 'token')}; window {basis}"
        lines.append(_line("context", words, inks))
    return lines


def _priced(content: RequestPage) -> str:
    stored = content.stored
    assert stored is not None
    if not stored.priced_as:
        return fmt.clean(stored.note) or "no price is known"
    note = f" · {fmt.clean(stored.note)}" if stored.note else ""
    return f"from tokens, priced as {fmt.clean(stored.priced_as)}{note}"


def _places(one: Evidence, width: int, inks: Inks) -> list[Line]:
    lines: list[Line] = []
    for name, place in [("log", one.place), *(("also in", other) for other in one.others)]:
        for number, part in enumerate(textwrap.wrap(_place(place), max(20, width - NAME))):
            lines.append(_line(name if not number else "", part, inks))
    return lines


def _place(place: Place) -> str:
    path = fmt.clean(place.path)
    whose = f"{fmt.clean(place.machine)}:" if place.machine and not place.is_here else ""
    path = path if whose else fmt.from_home(path)
    grade = "" if place.grade is Grade.RECORD else f" · {GRADES[place.grade]}"
    return f"{whose}{path}:{place.offset}{grade}"


def _facts(content: RequestPage, inks: Inks) -> list[Line]:
    """Return what logs tell beside tokens."""
    assert content.stored is not None
    return [
        [(f"{fact.name:<22}", inks.muted), (f"{_value(fact.name, fact.value):>12}", inks.text),
         (f"   {FACTS.get(fact.name, '')} ({fact.source})", inks.muted)]
        for fact in content.stored.facts
    ]  # fmt: skip


def _value(name: str, value: int) -> str:
    if name.endswith("_ms"):
        return f"{value / 1000:,.3f} s"
    return fmt.money(value, 6) if name.endswith("_nano") else f"{value:,}"


def _statements(content: RequestPage, inks: Inks) -> list[Line]:
    """Return what each log says where several tell of it."""
    assert content.stored is not None
    told = content.stored.statements
    if len(told) < 2:
        return []
    heading = (
        f"{'told by':<22}{'prompt':>10}{'read':>10}{'written':>10}{'output':>10}  {'cost':>12}"
    )
    lines: list[Line] = [[(heading, inks.muted)]]
    for one in told:
        counts = "".join(
            f"{'?' if count is None else f'{count:,}':>10}"
            for count in (one.prompt, one.cache_read, one.cache_write, one.output)
        )
        cost = fmt.NOTHING if one.logged_nano is None else fmt.money(one.logged_nano, 6)
        lines.append([(fmt.fit(one.source, 22), inks.text), (counts, inks.text),
                      (f"  {cost:>12}", inks.text),
                      (f"  {GRADES[one.grade]}", inks.muted)])  # fmt: skip
    return lines


def _record(content: RequestPage, width: int, inks: Inks) -> list[Line]:
    """Return the record in the log, or which key shows it."""
    if content.raw is None:
        return [[("enter shows its record in the log", inks.muted)]]
    return record_lines(content.raw, width, inks)

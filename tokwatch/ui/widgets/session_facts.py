"""One session in exact figures."""

from __future__ import annotations

from textual.reactive import reactive

from tokwatch.model.snapshot import SessionRow, Snapshot
from tokwatch.pages.session import SessionPage
from tokwatch.ui import format as fmt
from tokwatch.ui.glyphs import gauge
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.scrolled import Scrolled
from tokwatch.ui.widgets.session_columns import share_of, state_of
from tokwatch.words import counted, named

BASIS = {
    "logged": "as the log tells it",
    "configured": "as config.toml sets it",
    "inferred": "inferred from the largest prompt",
    "settings": "as the tool's settings ask for it",
    "table": "from the table of models",
}


class SessionFacts(Scrolled[SessionPage]):
    """Everything that is known of an agent apart from its requests."""

    TITLE = "facts"
    NUMBER = "agent"
    KIND = SessionPage
    HELP = """
    # Facts
    Its tokens by class, both costs, how its context window is known, its id and its log. `<` and
    `>` go to the session before and after, `y` copies the command that resumes it.
    """

    session_title: reactive[str] = reactive("", repaint=False)

    def watch_session_title(self) -> None:
        self.redraw()

    @property
    def row(self) -> SessionRow | None:
        """The exact figures."""
        return self.content.row if self.content else None

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the session's name."""
        line: Line = [(f"session {fmt.clean(self.row.label) if self.row else ''}", inks.text)]
        if not self.session_title:
            return line
        return [*line, (f" · {fmt.clean(self.session_title)}", inks.muted)]

    def lines(self, content: SessionPage, width: int, inks: Inks) -> list[Line]:
        """Return the facts, a line each."""
        row, snapshot = content.row, self.snapshot
        if row is None or snapshot is None:
            return [[("nothing is known of it up to this moment", inks.muted)]]
        glyph, words = state_of(row, snapshot.until or self.now)
        last = fmt.moment(row.last, self.now, snapshot.zone)
        facts = [
            ("project", fmt.clean(row.project) or fmt.NOTHING),
            ("tool", f"{row.source} · {fmt.clean(row.model)}"),
            ("state", f"{glyph} {words} · last request {last}"),
            *([("agent", fmt.clean(row.agent))] if row.agent else []),
        ]
        lines = [_fact(name, value, inks) for name, value in facts]
        lines += [[], *_context(row, width, inks), [], *_tokens(row, inks), []]
        lines += _costs(row, inks)
        tail = [("id", row.session), ("log", row.path or fmt.NOTHING)]
        tail += [("resume", row.resume)] if row.resume else []
        return lines + [[]] + [_fact(name, fmt.clean(value), inks) for name, value in tail]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what is shown."""
        return ("The exact figures of one session, without its sub-agents.",)


def _fact(name: str, value: str, inks: Inks) -> Line:
    return [(f"{name:<10}", inks.muted), (value, inks.text)]


def _context(row: SessionRow, width: int, inks: Inks) -> list[Line]:
    context = row.context
    if context is None:
        return [_fact("context", "no prompt size known", inks)]
    ink = inks.context.get(context.level, inks.text)
    filled, empty = gauge(context.share, max(8, min(40, width - 30)))
    words = f"{context.tokens:,} of {counted(context.window, 'token')}"
    basis = BASIS.get(context.basis, context.basis)
    level = "" if context.level == "ok" else f" ({context.level})"
    return [
        [(f"{'context':<10}", inks.muted), (filled, ink), (empty, inks.frame),
         (f" {share_of(context)}{level}", ink)],
        [(" " * 10 + f"{words}; window {basis}", inks.muted)],
    ]  # fmt: skip


def _tokens(row: SessionRow, inks: Inks) -> list[Line]:
    usage = row.usage
    lives = f"5 min {usage.cache_write_5m:,} · 1 h {usage.cache_write_1h:,}"
    classes = (
        ("input", usage.input, ""),
        ("cache read", usage.cache_read, f"{fmt.percent(usage.hit_rate)} of the prompt"),
        ("cache write", usage.cache_write, lives),
        ("output", usage.output, f"reasoning {usage.reasoning:,}" if usage.reasoning else ""),
    )  # fmt: skip
    lines: list[Line] = [
        [(f"{name:<12}", inks.muted), (f"{number:>15,}", inks.text), (f"   {note}", inks.muted)]
        for name, number, note in classes
    ]
    bounds = named(usage.lower_bound, "a lower bound", "lower bounds")
    requests = f"{counted(usage.requests, 'request')}, {usage.lower_bound:,} of them {bounds}"
    requests += f", {usage.derived:,} derived" if usage.derived else ""
    lines.append([(f"{'total':<12}", inks.muted), (f"{usage.total:>15,}", inks.strong),
                  (f"   {requests}", inks.muted)])  # fmt: skip
    if row.hidden is not None:
        hidden = f"{row.hidden.total:>15,}"
        note = f"   {counted(row.hidden.requests, 'call')} that no transcript shows, derived"
        lines.append([(f"{'hidden':<12}", inks.muted), (hidden, inks.text), (note, inks.muted)])
    return lines


def _costs(row: SessionRow, inks: Inks) -> list[Line]:
    usage = row.usage
    logged = fmt.money(usage.logged_nano, 4) if usage.logged_nano else fmt.NOTHING
    entries = [
        ("cost", fmt.cost(row.cost_nano, usage), f"{fmt.rate(row.nano_per_hour)} per hour now"),
        ("logged", logged, "as the tool wrote it" if usage.logged_nano else "the tool wrote none"),
        ("computed", fmt.money(usage.computed_nano, 4), "from tokens and prices"),
    ]
    if usage.uncosted_tokens:
        entries.append(("unpriced", f"{usage.uncosted_tokens:,}", "tokens without any price"))
    if row.hidden is not None:
        entries.append(("hidden", fmt.money(row.hidden.auto_nano, 4), "in calls of no transcript"))
    return [
        [(f"{name:<12}", inks.muted), (f"{amount:>15}", inks.strong), (f"   {note}", inks.muted)]
        for name, amount, note in entries
    ]

"""The first page: what was looked for and found, and what to do when there is nothing yet."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size

from tokwatch.snapshot import Snapshot, SourceStatus
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.painted import Pane


class Welcome(Pane, can_focus=True):
    """Shown in place of the overview while the store holds no event."""

    TITLE = "welcome to tokwatch"
    HELP = """
    # Welcome
    tokwatch reads the logs that coding agents write on this machine, and shows what they
    spend. As soon as one of the folders holds a request, this page gives way to the overview.

    * `d` shows the same screen on simulated sessions, in a store of its own
    * `q` quits
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "app.demo", "Demo", id="demo", tooltip="Try simulated sessions"),
    ]

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return every folder that was looked at, and what can be done."""
        lines: list[Line] = [
            [],
            [("No usage records yet" if snapshot.progress is None else "Reading …", inks.strong)],
            [],
            [("Looked in:", inks.muted)],
        ]
        roots = [line for source in snapshot.sources for line in _roots(source, size.width, inks)]
        room = max(2, size.height - 11)
        hidden = len(roots) - room
        if hidden > 0:
            roots = [*roots[: room - 1], [(f"  … and {hidden + 1} more", inks.muted)]]
        lines += roots or [[("  no source is switched on", inks.warning)]]
        lines += [
            [],
            [("d", inks.accent), (" try the demo    ", inks.text), ("?", inks.accent),
             (" what tokwatch reads    ", inks.text), ("q", inks.accent), (" quit", inks.text)],
            [],
            [("More folders: [sources] paths in config.toml.", inks.muted)],
            [("Nothing leaves this machine. Prompts are not stored.", inks.muted)],
        ]  # fmt: skip
        return [[("  ", inks.text), *line] for line in lines]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say which folders are listed."""
        return (
            "Every folder in which a switched-on source keeps its logs, by this machine's "
            "environment and by the setting sources.paths.",
        )


def _roots(source: SourceStatus, width: int, inks: Inks) -> list[Line]:
    lines: list[Line] = []
    for root in source.roots:
        if root.error:
            glyph, words, ink = "x", fmt.clean(root.error), inks.error
        elif root.found:
            glyph, ink = "✓", inks.good
            words = f"found, {source.events:,} records"
        else:
            glyph, words, ink = "✗", "not found", inks.muted
        path = fmt.fit(root.path, max(10, min(44, width - 42)))
        title = fmt.fit(f"({source.title})", 16)
        line = [(f"{glyph} ", ink), (path, inks.text), (f" {title} ", inks.muted), (words, ink)]
        lines.append(line)
    return lines

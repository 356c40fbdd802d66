"""The first page: what was looked for and found, and what to do when there is nothing yet."""

from __future__ import annotations

import textwrap
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size

from tokwatch.model.snapshot import RootStatus, Snapshot, SourceStatus
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, width_of
from tokwatch.ui.widgets.painted import Pane
from tokwatch.words import counted

TITLE: Final = 16
"""Cells of a source's title beside its folder."""
WITH_TITLES: Final = 64
"""Width from which there is room for titles."""
STATE: Final = 24
"""The most cells that a long state takes from the paths."""


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
        trouble = _trouble(snapshot, size.width - 4, inks)
        room = max(2, size.height - 11 - len(trouble))
        roots = _fitted(_roots(snapshot, size.width - 4, inks), room, inks)
        none = [] if trouble else [[("  no source is switched on", inks.warning)]]
        lines: list[Line] = [
            [],
            [("No usage records yet" if snapshot.progress is None else "Reading …", inks.strong)],
            [],
            *trouble,
            *([[("Looked in:", inks.muted)]] if roots or none else []),
            *(roots or none),
            [],
            [("d", inks.accent), (" try the demo    ", inks.text), ("?", inks.accent),
             (" what tokwatch reads    ", inks.text), ("q", inks.accent), (" quit", inks.text)],
            [],
            [("More folders: [sources] paths in config.toml.", inks.muted)],
            [("Nothing leaves this machine. Prompts are not stored.", inks.muted)],
        ]  # fmt: skip
        left = max(2, (size.width - max(map(width_of, lines))) // 2)
        above: list[Line] = [[]] * ((size.height - len(lines)) // 3)
        return above + [[(" " * left, inks.text), *line] for line in lines]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say which folders are listed."""
        return (
            "Every folder in which a switched-on source keeps its logs, by this machine's "
            "environment and by the setting sources.paths.",
        )


def _trouble(snapshot: Snapshot, width: int, inks: Inks) -> list[Line]:
    """Return why nothing at all is read, in whole words, and who says what to do about it."""
    if not snapshot.error:
        return []
    told = textwrap.wrap(f"x {fmt.clean(snapshot.error)}", max(20, width), subsequent_indent="  ")
    hint: Line = [("  tokwatch doctor says what to do about it.", inks.text)]
    return [*([(line, inks.error)] for line in told), hint, []]


def _fitted(roots: list[list[Line]], room: int, inks: Inks) -> list[Line]:
    """Return as many folders as there is room for, and how many more there are."""
    if sum(map(len, roots)) <= room:
        return [line for root in roots for line in root]
    shown = 0
    while sum(map(len, roots[: shown + 1])) < room:
        shown += 1
    told = f"  … and {len(roots) - shown} more; 9 lists them"
    return [*(line for root in roots[:shown] for line in root), [(told, inks.muted)]]


def _roots(snapshot: Snapshot, width: int, inks: Inks) -> list[list[Line]]:
    """Return for each folder whether it is there, its path, source and state; what fails, why."""
    entries = [(source, root) for source in snapshot.sources for root in source.roots]
    entries.sort(key=lambda entry: _rank(*entry))
    paths = [fmt.from_home(root.path) for _, root in entries]
    longest = max(map(cell_len, paths), default=0)
    state = max((cell_len(_state(*entry, inks)[1]) for entry in entries), default=0)
    title = TITLE if width >= WITH_TITLES else 0
    path = max(10, min(longest, width - 4 - title - min(state, STATE)))
    found: list[list[Line]] = []
    for (source, root), name in zip(entries, paths, strict=True):
        glyph, words, ink = _state(source, root, inks)
        named = fmt.fit(f" ({source.title})", title)
        line: Line = [(f"{glyph} ", ink), (fmt.fit(name, path), inks.text), (named, inks.muted),
                      (f"  {words}", ink)]  # fmt: skip
        why = textwrap.wrap(fmt.clean(root.error), max(20, width - 4))
        found.append([line, *([("    " + part, inks.text)] for part in why)])
    return found


def _rank(source: SourceStatus, root: RootStatus) -> int:
    """Order folders: what fails, what is there, each source's usual place, all others."""
    if root.error or root.found:
        return 0 if root.error else 1
    return 2 if root is source.roots[0] else 3


def _state(source: SourceStatus, root: RootStatus, inks: Inks) -> tuple[str, str, Style]:
    if root.error:
        return "x", "cannot be read", inks.error
    if root.found:
        if source.bad_lines and not source.events:
            return "!", f"found, {counted(source.bad_lines, 'bad line')}", inks.warning
        return "✓", f"found, {counted(source.events, 'record')}", inks.good
    return "✗", "not found", inks.muted

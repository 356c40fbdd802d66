"""Cline and its relatives in editors, Roo Code and Kilo Code: finds the tasks they keep.

What a task tells is in `cline_records.py`. What Cline writes since 4.1 is in `cline_cli.py`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokwatch.sources.agents.editors import extension_folders, windows_folders
from tokwatch.sources.source import Conversations, Kept, Knowledge, Root, Surroundings

if TYPE_CHECKING:
    from tokwatch.model.detail import Detail
    from tokwatch.model.reading import Cursor, Reading
    from tokwatch.sources.log_file import LogFile

_TASK: Final = "ui_messages.json"
_EXACT: Final = "input, cache reads and writes, output, cost"
_UNKNOWN: Final = "reasoning, window"
_UNTOLD: Final = (
    "; tokens of condensing, of which only the cost is told; for certain, which turns were Claude"
    " Code's: they count beside its own, those without a cost as overlaps in the audit"
)


def cline_data(where: Surroundings) -> tuple[Path, ...]:
    """Return where Cline keeps its data outside of editors."""
    named = where.variable_paths("CLINE_DATA_DIR")
    homes = where.variable_paths("CLINE_DIR") or (where.home / ".cline",)
    return named or tuple(home / "data" for home in homes)


class _Tasks(Kept):
    """What the tasks of Cline and its relatives have in common."""

    name: str
    version = 2
    detail_version = 1
    conversations = Conversations(
        parts="user, assistant, thinking, tool call, tool result, image, summary, attachment",
        requests="each",
        events="turns, compactions, interruptions",
    )
    keeps_totals = True
    extension: str
    """The extension's name in the editors' folders."""
    polled = False

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folders of tasks in every editor."""
        own = extension_folders(where, self.extension)
        windows = windows_folders(where, self.extension)
        return (
            *(Root(folder / "tasks", self.polled) for folder in own),
            *(Root(folder / "tasks", polled=True) for folder in windows),
        )

    def wants(self, path: str) -> bool:
        """Take the messages of every task."""
        return os.path.basename(path) == _TASK

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read the requests of a task."""
        from tokwatch.sources.agents.cline_records import read_task

        return read_task(self.name, log, cursor)

    def read_detail(self, log: LogFile, state: bytes) -> Detail:
        """Read what the requests of a task are made of."""
        from tokwatch.sources.agents.cline_detail import read_detail

        return read_detail(self.name, log)

    def record_at(self, path: Path, offset: int) -> object:
        """Return the record that an offset names; None where there is none."""
        from tokwatch.sources.agents.cline_detail import record_at

        return record_at(path, offset)

    def title_of(self, path: Path, session: str) -> str:
        """Return the first words of a task."""
        from tokwatch.sources.agents.cline_records import title_of

        return title_of(path)

    def resume_command(self, session: str) -> str:
        """Return "": tasks are resumed in the editor."""
        return ""


class Cline(_Tasks):
    """Reads the tasks of Cline before 4.1, in editors and on the command line."""

    name = "cline"
    title = "Cline"
    extension = "saoudrizwan.claude-dev"
    knowledge = Knowledge(
        exact=_EXACT,
        derived="requests of sub-agents and of messages that were taken back: only their sums",
        unknown=_UNKNOWN + "; turns of Claude Code as the provider, which its own logs tell",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folders of tasks in every editor, and outside of them."""
        outside = (Root(folder / "tasks") for folder in cline_data(where))
        return (*super().roots(where), *outside)


class RooCode(_Tasks):
    """Reads the tasks of Roo Code."""

    name = "roo-code"
    title = "Roo Code"
    extension = "rooveterinaryinc.roo-cline"
    # Each task has a Git repository of checkpoints beside it: too many folders to watch.
    polled = True
    knowledge = Knowledge(
        exact=_EXACT + "; before 3.29.5 the split of input where no protocol is told is a guess",
        derived="requests of messages that were taken back: only their sums",
        unknown=_UNKNOWN + _UNTOLD,
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folders of tasks in every editor, and of its command line."""
        outside = where.home / ".vscode-mock" / "global-storage" / "tasks"
        return (*super().roots(where), Root(outside, self.polled))


class KiloCode(_Tasks):
    """Reads the tasks of Kilo Code before 7, which keeps them in a database."""

    name = "kilo-code"
    title = "Kilo Code"
    extension = "kilocode.kilo-code"
    polled = True  # as Roo Code, whose checkpoints it has
    knowledge = Knowledge(
        exact=_EXACT + "; before 4.119 the split of input where no protocol is told is a guess",
        derived="requests of messages that were taken back: only their sums",
        unknown=_UNKNOWN + _UNTOLD,
    )

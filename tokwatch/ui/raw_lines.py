"""A record of a log as lines for a pane: folded, escaped, wrapped."""

from __future__ import annotations

import textwrap

from tokwatch.audit.raw import RawRecord
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line


def record_lines(raw: RawRecord, width: int, inks: Inks) -> list[Line]:
    """Return the record as it stands in the log, or why it cannot be shown."""
    if raw.problem:
        return [[(raw.problem, inks.warning)]]
    lines: list[Line] = [[("record in the log, long texts cut", inks.muted)]]
    for line in raw.text.splitlines():
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        parts = textwrap.wrap(
            line, width, subsequent_indent=indent[: width // 2], drop_whitespace=False
        )
        lines += [[(fmt.clean(part) if part.strip() else "", inks.text)] for part in parts]
    if not raw.is_whole:
        lines.append([("… the record goes on", inks.muted)])
    return lines

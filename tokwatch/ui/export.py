"""What a screen shows as a file of the data folder: written in a thread; numbers are exact."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from tokwatch.ui import format as fmt

if TYPE_CHECKING:
    from tokwatch.ui.screens.timed import TimedScreen

Record = dict[str, object]


def export(screen: TimedScreen, name: str, kind: str, made: Callable[[], tuple[str, str]]) -> None:
    """Write a file, and say where it is or why there is none; `made` tells what it is, and holds.

    `made` is called in the thread that writes.
    """
    app = screen.tokwatch
    folder, file_name = app.config.data / "exports", f"{name}-{app.clock():%Y%m%d-%H%M%S}.{kind}"

    def write() -> None:
        try:
            what, text = made()
            told = f"{what} written to {save(folder, file_name, text)}"
        except OSError as error:
            told = f"Nothing was written: {error}"
        app.call_from_thread(screen.notify, told, markup=False)

    screen.run_worker(write, group="export", thread=True)


def save(folder: Path, name: str, text: str) -> Path:
    """Write a text into a new file of the folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    handle, part = tempfile.mkstemp(dir=folder, suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as stream:
        stream.write(text)
    os.replace(part, file)
    return file


def as_text(records: Sequence[Mapping[str, object]], kind: str) -> str:
    """Return records as CSV with a heading, or as a JSON list."""
    if kind == "json":
        return json.dumps(records, default=float, indent=1) + "\n"
    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]) if records else [], lineterminator="\n")
    writer.writeheader()
    for record in records:
        writer.writerow({name: cell(value) for name, value in record.items()})
    return text.getvalue()


def cell(value: object) -> object:
    """Return a name from a log so that no spreadsheet takes it for a formula."""
    if not isinstance(value, str):
        return value
    text = fmt.clean(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def dollars(nano: int) -> Decimal:
    """Return nano-dollars as exact dollars."""
    return Decimal(nano).scaleb(-9)


def exact(nano: int) -> str:
    """Return dollars with all their nine decimals."""
    return f"{dollars(nano):f}"

"""What the last `tokwatch doctor` found, kept in the data folder for the screen."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import asdict

FILE_NAME: Final = "doctor.json"


class Checked(Struct, frozen=True):
    """When everything was checked last, and what was wrong."""

    at_ms: int
    problems: tuple[str, ...] = ()
    store: tuple[str, ...] = ()
    """What the checks of the store said, good or bad."""


def keep(data_folder: Path, checked: Checked) -> None:
    """Write what was found; a folder that cannot be written to keeps what it has."""
    with suppress(OSError):
        if not data_folder.is_dir():
            return
        handle, name = tempfile.mkstemp(dir=data_folder, suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
            json.dump(asdict(checked), stream)
        os.replace(name, data_folder / FILE_NAME)


def last_checked(data_folder: Path) -> Checked | None:
    """Return what was found last; None where nothing was, or cannot be read."""
    try:
        told = json.loads((data_folder / FILE_NAME).read_text("utf-8"))
        texts = [tuple(map(str, told[name])) for name in ("problems", "store")]
        return Checked(int(told["at_ms"]), *texts)
    except (OSError, ValueError, KeyError, TypeError, UnicodeError):
        return None


def checked_of(findings: Sequence[tuple[str, str, bool]], at_ms: int) -> Checked:
    """Return what findings amount to: each is what it is about, what it says, and if it is bad."""
    return Checked(
        at_ms,
        tuple(f"{about}: {words}" for about, words, is_bad in findings if is_bad),
        tuple(words for about, words, _ in findings if about == "store"),
    )

"""Where prompts come from and go to: files, the clipboard, the user's editor."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from tokwatch.errors import TokwatchError
from tokwatch.prompts.given_text import MOST_BYTES, decoded

_WAIT_S: Final = 2.0
_PASTES: Final = (
    ("pbpaste",),
    ("wl-paste", "--no-newline"),
    ("xclip", "-selection", "clipboard", "-out"),
    ("xsel", "--clipboard", "--output"),
    ("powershell.exe", "-NoProfile", "-Command", "Get-Clipboard -Raw"),
)


def clipboard() -> str | None:
    """Return the text on the system's clipboard; None where nothing here can read it."""
    for command in _PASTES:
        if shutil.which(command[0]) is None:
            continue
        try:
            done = subprocess.run(command, capture_output=True, timeout=_WAIT_S, check=False)
        except (OSError, subprocess.SubprocessError):
            continue
        if done.returncode == 0 and len(done.stdout) <= MOST_BYTES:
            return decoded(done.stdout, "the clipboard").text
    return None


def editor_command() -> list[str]:
    """Return the user's editor; raise where none is found."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        command = shlex.split(named)
    except ValueError:
        command = []
    for one in (command, ["nano"], ["vi"], ["notepad"]):
        if one and shutil.which(one[0]):
            return one
    raise TokwatchError("No editor was found.", "Set EDITOR.")


def edited(text: str, command: list[str]) -> str:
    """Return a text as the user leaves it in an editor; its file is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tokwatch-") as folder:
        file = Path(folder) / "prompt.md"
        file.touch(mode=0o600)
        file.write_text(text, "utf-8", "surrogatepass", newline="")
        done = subprocess.run([*command, str(file)], check=False)
        if done.returncode != 0:
            raise TokwatchError(f"{command[0]} ended with {done.returncode}: nothing was taken.")
        found = decoded(file.read_bytes(), "the edited text").text
    if found == text + "\n":  # editors end a file with a line feed
        return text
    return found


def write(name: str, text: str, *, replaces: bool) -> Path:
    """Write a text to a file; an existing one only where that is wanted."""
    file = Path(name.strip()).expanduser()
    if not name.strip():
        raise TokwatchError("A file needs a name.")
    try:
        with file.open("w" if replaces else "x", encoding="utf-8", newline="") as opened:
            opened.write(text)
    except FileExistsError:
        raise TokwatchError(f"{file} exists.", "ctrl+s again replaces it.") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it cannot have such a name"
        raise TokwatchError(f"{file} cannot be written: {why}.") from None
    return file


def beside(name: str) -> str:
    """Return the name under which a compressed file is offered to be saved."""
    if not name:
        return "prompt.short.md"
    root, ending = os.path.splitext(name)
    return f"{root}.short{ending or '.md'}"

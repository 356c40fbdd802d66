"""What conversations in tests say: each text marked with what it is, and never said twice."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

AT_S = 1_785_578_400
"""2026-08-01 10:00 UTC."""
MARK = "\N{SECTION SIGN}"
PNG = "iVBORw0KGgoAAAANSUhEUgAAA+gAAAMgCAYAAAA"
FILE = "/home/ana/shop/tax.py"


class Words:
    """Makes texts of one conversation."""

    def __init__(self) -> None:
        """Start with none said."""
        self._said = count(1)

    def of(self, kind: str) -> str:
        """Return a new text, marked with what sort of block it is."""
        number = next(self._said)
        return f"{MARK}{kind}{MARK} {number} na\N{LATIN SMALL LETTER I WITH DIAERESIS}ve words"

    def aside(self) -> str:
        """Return what the tool itself says in the user's place."""
        return f"<system-reminder>{self.of('attachment')}</system-reminder>"

    def memory(self) -> str:
        """Return a memory file as the tool puts it into a message."""
        return f"<system-reminder>AGENTS.md: {self.of('memory')}</system-reminder>"

    def arguments(self) -> dict[str, str]:
        """Return the arguments of a call."""
        return {"file_path": FILE, "why": self.of("tool call")}

    def image(self) -> str:
        """Return an image in base64."""
        return f"{PNG}{next(self._said):04}="


def ms(second: float) -> int:
    """Return an instant of the conversation."""
    return AT_S * 1000 + round(second * 1000)


def stamp(second: float) -> str:
    """Return an instant of the conversation as ISO 8601."""
    moment = datetime.fromtimestamp(AT_S + second, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

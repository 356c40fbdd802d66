"""Style sheets that are parsed once for a theme; Textual asks for all anew with every screen."""

from __future__ import annotations

from textual.css.stylesheet import Stylesheet


class ParsedOnce(Stylesheet):
    """Keeps what was parsed for as long as the theme's variables are the same."""

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take a theme's variables, and forget what was parsed where they are others."""
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        """Parse what is not parsed yet."""
        self.parse()

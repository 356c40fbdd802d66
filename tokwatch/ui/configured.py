"""An application that follows its settings and its theme files while it runs."""

from __future__ import annotations

from rich.segment import Segments
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.reactive import reactive
from textual.theme import Theme

from tokwatch.config import Config
from tokwatch.config.live import LiveConfig
from tokwatch.ingest.chosen import chosen_sources
from tokwatch.paths import themes_folders
from tokwatch.ui.inks import VARIABLES
from tokwatch.ui.keymap import unknown
from tokwatch.ui.let_go import let_go
from tokwatch.ui.parsed_once import ParsedOnce
from tokwatch.ui.theme import FALLBACK, ThemeShelf


class ConfiguredApp(App[int]):
    """Applies theme, keys and plan; a file that is wrong is told and left out."""

    equivalent: reactive[bool] = reactive(False, repaint=False)
    """Whether the user pays by subscription, so that money is only an equivalent."""

    settings_error: reactive[str] = reactive("", repaint=False)
    """What is wrong with the settings file, for as long as it is."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        let_go()
        self.stylesheet = ParsedOnce(variables=self.theme_variables)
        self.animation_level = "none"
        self._live = LiveConfig(config, chosen_sources)
        self._shelf = ThemeShelf(themes_folders(config.file))
        self._ours: list[str] = []
        """Names of the themes from files, in the order of the theme key."""
        self._clashes: set[str] = set()
        if theme := self._shelf.find(config.ui.theme):
            self._begin_in(theme)
        self.set_keymap(config.keys)

    def _begin_in(self, theme: Theme) -> None:
        """Set the first theme; by assigning it, all styles would be parsed twice."""
        self.register_theme(theme)
        if theme.ansi:
            self.theme = theme.name
            return
        self.set_reactive(App.theme, theme.name)
        self.set_class(theme.dark, "-dark-mode", update=False)
        self.set_class(not theme.dark, "-light-mode", update=False)
        self.stylesheet.set_variables(self.get_css_variables())

    @property
    def config(self) -> Config:
        """The settings that hold."""
        return self._live.config

    @property
    def theme_names(self) -> tuple[str, ...]:
        """The themes from files."""
        if not self._ours:
            self._take_themes()
        return tuple(self._ours)

    def on_mount(self) -> None:
        self.equivalent = self.config.plan.subscription

    def look_at_files(self) -> None:
        """Take changed theme files and settings; the first time, every theme there is."""
        first = not self._ours
        self._take_themes()
        if first:
            self._tell_about_names()
        if self._live.refresh():
            self._take_config()

    def _take_themes(self) -> None:
        themes, errors = self._shelf.changed()
        for theme in themes:
            is_other = theme.name == self.theme and theme != self.current_theme
            self.register_theme(theme)
            if theme.name not in self._ours:
                self._ours.append(theme.name)
            if is_other:
                # Re-registering the theme in use changes nothing until another one was set.
                self.theme = "textual-dark"
                self.theme = theme.name
        for error in errors:
            told = f"{error.message}. {error.hint}" if error.hint else error.message
            self.notify(told, title="theme left out", severity="error", markup=False)

    def _take_config(self) -> None:
        error, file = self._live.error, self.config.file
        self.settings_error = error.message.replace(str(file), file.name) if error else ""
        if error:
            told = f"{self.settings_error}\nThe settings before it still hold."
            self.notify(told, severity="error", markup=False, timeout=20)
            return
        self.equivalent = self.config.plan.subscription
        self.set_keymap(self.config.keys)
        self.notify("The settings were read again.", markup=False)
        if self.config.ui.theme in self.available_themes:
            self.theme = self.config.ui.theme
        self._tell_about_names()
        self.settings_changed()

    def settings_changed(self) -> None:
        """Pass changed settings on; the application's own part is done."""

    def _tell_about_names(self) -> None:
        """Tell about names in the settings that lead nowhere."""
        problems = unknown(self.config.keys)
        if self.config.ui.theme not in self.available_themes:
            known = ", ".join(self._ours)
            problems.append(f"There is no theme {self.config.ui.theme!r}. Known: {known}.")
            self.theme = FALLBACK if FALLBACK in self.available_themes else "textual-dark"
        for problem in problems:
            self.notify(problem, title="config.toml", severity="warning", markup=False)

    def handle_bindings_clash(self, clashed_bindings: set[Binding], node: DOMNode) -> None:
        """Tell once that a key of the user's takes the place of another action's."""
        lost = {binding.id for binding in clashed_bindings if binding.id} - self._clashes
        self._clashes |= lost
        for name in sorted(lost):
            self.notify(f"[keys] leaves {name} without its key.", severity="warning", markup=False)

    def action_theme(self) -> None:
        """Draw everything in the next theme."""
        if not self._ours:
            self._take_themes()
        index = self._ours.index(self.theme) + 1 if self.theme in self._ours else 0
        self.theme = self._ours[index % len(self._ours)]
        self.notify(f"theme {self.theme}", timeout=2, markup=False)

    def _fatal_error(self) -> None:
        """Leave with a traceback, but without the values in it: titles are in some of them."""
        from rich.traceback import Traceback

        crash = self.console.render(Traceback(width=None), self.console.options)
        self._exit_renderables.append(Segments(crash))
        self._close_messages_no_wait()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return our own variables, for themes that do not set them."""
        return dict(VARIABLES)

"""A screen from which endpoints are added: asked once in a form, then written to config.toml."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from tokwatch.config import Config
from tokwatch.config.endpoint_entry import Entry, Wanted, wanted
from tokwatch.config.endpoints import EndpointTable
from tokwatch.ui.acting import undo_setting
from tokwatch.ui.screens.paged import PageScreen

if TYPE_CHECKING:
    from tokwatch.ingest.asking import Answer


class EndpointScreen(PageScreen):
    """Opens the form, and takes its change back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("N", "add", "New endpoint", id="endpoint.new", tooltip="Add an endpoint"),
        Binding("U", "undo", "Undo", show=False, id="endpoint.undo",
                tooltip="Take the last change of config.toml back"),
    ]  # fmt: skip

    def action_add(self) -> None:
        """Add an endpoint."""
        if not self.is_simulated():
            self.show_form("new endpoint", Entry(), "")

    def is_simulated(self) -> bool:
        """Say so where this is the demo, which asks nobody."""
        if self.tokwatch.demo:
            self.notify("The demo asks no endpoint: leave it with escape first.", markup=False)
        return self.tokwatch.demo

    def show_form(self, title: str, entry: Entry, before: str) -> None:
        """Ask for an endpoint; `before` is its name so far."""
        from tokwatch.ui.screens.endpoint_form import EndpointForm

        form = EndpointForm(
            *(title, entry, lambda typed: wanted(typed, self.tokwatch.config, before)),
            *(self._ask, partial(self._save, before)),
        )
        self.app.push_screen(form, self._saved)

    def _ask(self, endpoint: Wanted) -> Iterator[Answer]:
        return trial_of(self.tokwatch.config, endpoint.name, endpoint.table)

    def _save(self, before: str, endpoint: Wanted) -> None:
        from tokwatch.config.edit import set_values

        path = ("endpoint", endpoint.name)
        set_values(self.tokwatch.config, path, endpoint.keys, before)

    def _saved(self, is_saved: bool | None) -> None:
        if is_saved:
            self.tokwatch.look_at_files()
            self.notify("Saved into config.toml; U takes it back.", markup=False)

    def action_undo(self) -> None:
        """Put config.toml back as it was before the last change."""
        undo_setting(self.tokwatch)


def trial_of(config: Config, name: str, table: EndpointTable) -> Iterator[Answer]:
    """Yield what an endpoint answers to one round of questions."""
    from tokwatch.ingest.asking import trial

    return trial(config, name, table)

"""The templates of the library: which wording fits what stands on the workbench, and its size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct, field
from msgspec.structs import replace
from textual.binding import Binding, BindingType

from tokwatch.model.snapshot import Snapshot
from tokwatch.model.template import Template, Variant
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell
from tokwatch.workbench.library import fitting

_CHOICES = (None, Variant.DETAILED, Variant.TERSE)


class Shelf(Struct, frozen=True):
    """The templates, and how much context there is for them."""

    templates: tuple[Template, ...]
    context: int = 0
    asked: dict[str, Variant] = field(default_factory=dict)
    """Wordings that the user has chosen, by name."""
    version: dict[str, int] = field(default_factory=dict)
    """Versions that the user has chosen, by name; the newest where none is."""


class Slot(Struct, frozen=True):
    """A template as it would be opened."""

    template: Template
    variant: Variant
    is_asked: bool
    """Whether the user chose the wording."""
    version: int

    @property
    def is_newest(self) -> bool:
        """Tell whether it is the newest version: of older ones the sizes are not listed."""
        return self.version == self.template.newest.number


def _name(row: Slot, width: int, inks: Inks) -> Line:
    return text_cell(fmt.clean(row.template.name), width, inks.text)


def _tags(row: Slot, width: int, inks: Inks) -> Line:
    return text_cell(fmt.clean(", ".join(row.template.tags)), width, inks.muted)


def _wording(row: Slot, width: int, inks: Inks) -> Line:
    told = str(row.variant) + ("" if row.is_asked else " (fits)")
    return text_cell(told, width, inks.warning if row.is_asked else inks.text)


def _version(row: Slot, width: int, inks: Inks) -> Line:
    told = f"{row.version} of {row.template.newest.number}"
    return text_cell(told, width, inks.muted if row.is_newest else inks.warning, right=True)


def _detailed(row: Slot, width: int, inks: Inks) -> Line:
    told = f"{row.template.newest.detailed_tokens:,}" if row.is_newest else fmt.NOTHING
    ink = inks.strong if row.variant is Variant.DETAILED else inks.muted
    return text_cell(told, width, ink, right=True)


def _terse(row: Slot, width: int, inks: Inks) -> Line:
    newest = row.template.newest
    has_one = row.is_newest and newest.has_terse
    told = f"{newest.terse_tokens:,}" if has_one else fmt.NOTHING
    ink = inks.strong if row.variant is Variant.TERSE else inks.muted
    return text_cell(told, width, ink, right=True)


def _saving(row: Slot, width: int, inks: Inks) -> Line:
    saving = row.template.newest.saving if row.is_newest else None
    told = fmt.NOTHING if saving is None else f"-{saving:.0%}"
    return text_cell(told, width, inks.good if saving else inks.muted, right=True)


def _uses(row: Slot, width: int, inks: Inks) -> Line:
    return text_cell(f"{row.template.uses:,}", width, inks.muted, right=True)


class BenchTemplates(Table[Shelf, Slot]):
    """A line for each template."""

    ALLOW_MAXIMIZE = False
    TITLE = "templates"
    KIND = Shelf
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "wording", "Wording", id="bench-templates.wording",
                tooltip="The wording that fits, the detailed one, or the terse one"),
        Binding("left", "version(-1)", "Older", id="bench-templates.older",
                tooltip="The version before"),
        Binding("right", "version(1)", "Newer", show=False, id="bench-templates.newer",
                tooltip="The version after"),
    ]  # fmt: skip
    HELP = """
    # Templates
    Prompts that you saved, each in versions and up to two wordings. *(fits)*: with as much context
    as stands on the workbench the terse one says enough, with less the detailed one is opened; each
    template tells from how many tokens on. *detailed* and *terse* are their tokens.

    * `enter` opens it in place of the prompt, which `u` brings back
    * `space` chooses the wording, `left` and `right` the version
    """

    def put(self, shelf: Shelf) -> None:
        """Show templates."""
        self._content = shelf
        self.taken()
        self.redraw()

    def columns(self) -> Sequence[TableColumn[Slot]]:
        """Return the columns, from left to right."""
        return (
            TableColumn("template", 16, _name, most=30, order=lambda row: row.template.name),
            TableColumn("wording", 15, _wording),
            TableColumn("version", 8, _version, rank=1, right=True),
            TableColumn("detailed", 8, _detailed, rank=2, right=True,
                        order=lambda row: row.template.newest.detailed_tokens),
            TableColumn("terse", 8, _terse, rank=2, right=True,
                        order=lambda row: row.template.newest.terse_tokens),
            TableColumn("saves", 5, _saving, rank=3, right=True,
                        order=lambda row: row.template.newest.saving or 0.0),
            TableColumn("uses", 5, _uses, rank=4, right=True,
                        order=lambda row: row.template.uses),
            TableColumn("tags", 8, _tags, rank=5, most=30),
        )  # fmt: skip

    def rows_of(self, content: Shelf) -> Sequence[Slot]:
        """Return the templates as they would be opened."""
        found = []
        for one in content.templates:
            asked = content.asked.get(one.name)
            fits = fitting(one, content.context)
            version = content.version.get(one.name, one.newest.number)
            found.append(Slot(one, asked or fits, asked is not None, version))
        return found

    def key_of(self, row: Slot) -> str:
        """Return the template's name."""
        return row.template.name

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how much context there is."""
        if self._content is None:
            return [(self.TITLE, inks.text)]
        told = f" · {self._content.context:,} tokens of context on the workbench"
        return [(self.TITLE, inks.text), (told, inks.muted)]

    def foot(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return from where on the terse wording of the chosen one is taken."""
        if self.row is None or not self.row.template.newest.has_terse:
            return []
        return [(f"terse from {self.row.template.newest.terse_from:,} tokens on", inks.muted)]

    def why_empty(self, content: Shelf) -> str:
        """Say why there is none."""
        return "the library is empty: S saves a prompt as a template"

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where the numbers come from."""
        return (
            "Tokens are those of the model for which each version was saved, counted then. Uses: "
            "how often it was opened here, or printed by `tokwatch templates use`.",
        )

    def action_wording(self) -> None:
        """Choose the next wording: the one that fits, the detailed one, the terse one."""
        shelf, row = self._content, self.row
        if shelf is None or row is None:
            return
        if not row.template.newest.has_terse:
            self.notify(f"{row.template.name} has one wording only.", markup=False)
            return
        name = row.template.name
        after = (_CHOICES.index(shelf.asked.get(name)) + 1) % len(_CHOICES)
        others = {key: one for key, one in shelf.asked.items() if key != name}
        chosen = _CHOICES[after]
        self.put(replace(shelf, asked=others if chosen is None else {**others, name: chosen}))

    def action_version(self, steps: int) -> None:
        """Choose another version."""
        shelf, row = self._content, self.row
        if shelf is None or row is None:
            return
        newest = row.template.newest.number
        version = max(1, min(newest, row.version + steps))
        self.put(replace(shelf, version={**shelf.version, row.template.name: version}))

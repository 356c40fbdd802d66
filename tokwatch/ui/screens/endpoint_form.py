"""The form in which an endpoint is added or changed: asked once, then saved into config.toml."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Vertical
from textual.events import DescendantFocus
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label, Static

from tokwatch.config.endpoint_entry import KINDS, EndpointError, Entry, Wanted
from tokwatch.errors import TokwatchError
from tokwatch.ingest.asking import Answer
from tokwatch.ui.widgets.answers import Answers
from tokwatch.ui.widgets.last_line import LastLine

Check = Callable[[Entry], Wanted]
"""Return the endpoint; an EndpointError says which field is wrong."""
Ask = Callable[[Wanted], Iterator[Answer]]
"""Ask it once; nothing is kept."""
Save = Callable[[Wanted], None]
"""Write it; a TokwatchError says why that cannot be."""
FIELDS: Final = {
    "name": ("such as proxy", "What you call it: letters, digits, - _ and ."),
    "kind": ("such as litellm", f"One of {', '.join(KINDS)}"),
    "url": ("such as http://127.0.0.1:4000", "https, or http for this machine alone; empty where "
            "the kind has a usual place"),
    "key": ("such as env:LITELLM_KEY", "Where the key is, never the key: env:VARIABLE, file:PATH "
            "(of mode 0600) or keyring:SERVICE/USER; empty for none"),
    "every": ("such as 30 s", "How often it is asked: 30 s, 5 min, 1 h; empty for each part's own "
              "pace"),
    "mapping": ("", "Of a stream alone: the [mapping] that reads its records"),
}  # fmt: skip
_FIRST: Final = "ctrl+s asks it once and shows what it answers; nothing is saved before that."


class EndpointForm(ModalScreen[bool]):
    """The fields, what the one with the focus takes, and what the endpoint answers."""

    CSS_PATH = "sources.tcss"
    HELP = """
    # An endpoint
    `ctrl+s` asks the endpoint once and shows what it answers; `ctrl+s` again, with the fields as
    they were asked, writes it into your config.toml: comments stay, a copy of the file before is
    kept beside it, `U` on the screen of sources takes it back. One that does not answer can be
    saved too: it may only be down. The key itself is never asked for here and stands nowhere.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Ask, then save", id="endpoint.save",
                tooltip="Ask it once; again: write it into config.toml"),
        Binding("escape", "dismiss(False)", "Back", id="endpoint.leave",
                tooltip="Leave without saving"),
    ]  # fmt: skip

    def __init__(self, title: str, entry: Entry, check: Check, ask: Ask, save: Save) -> None:
        super().__init__()
        self._title, self._entry = title, entry
        self._check, self._ask, self._save = check, ask, save
        self._asked: Entry | None = None
        """The fields as they were when it was asked."""
        self._answered: Entry | None = None

    def compose(self) -> ComposeResult:
        """Show the fields, one beneath the other, and the answers below."""
        with Vertical(id="endpoint-form", classes="endpoint-frame"):
            yield Label(self._title, classes="endpoint-title", markup=False)
            with Grid(id="endpoint-fields"):
                for name, (example, _) in FIELDS.items():
                    yield Label(name, markup=False)
                    kinds = SuggestFromList(KINDS) if name == "kind" else None
                    field = Input(
                        *(getattr(self._entry, name), example),
                        id=f"endpoint-{name}",
                        suggester=kinds,
                        select_on_focus=False,
                        compact=True,
                    )
                    field.cursor_blink = False
                    yield field
            yield Static("", id="endpoint-hint", markup=False)
            yield Static("", id="endpoint-problem", markup=False)
            yield Answers()
        yield LastLine()

    def on_mount(self) -> None:
        self.query_one(Answers).say(_FIRST)
        self.query_one("#endpoint-url" if self._entry.name else "#endpoint-name", Input).focus()

    @on(DescendantFocus)
    def _hint(self, event: DescendantFocus) -> None:
        """Say what the field with the focus takes."""
        name = (event.widget.id or "").removeprefix("endpoint-")
        self.query_one("#endpoint-hint", Static).update(FIELDS[name][1] if name in FIELDS else "")

    @property
    def entry(self) -> Entry:
        """What is typed now."""
        return Entry(*(self.query_one(f"#endpoint-{name}", Input).value for name in FIELDS))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the next field; from the last one, ask."""
        event.stop()
        if event.input.id == f"endpoint-{list(FIELDS)[-1]}":
            self.action_save()
        else:
            self.app.action_focus_next()

    def action_save(self) -> None:
        """Ask what was typed, or save it as it was asked, or say what is wrong with it."""
        entry = self.entry
        try:
            wanted = self._check(entry)
            if self._answered == entry:
                self._save(wanted)
                self.dismiss(True)
                return
        except EndpointError as error:
            self._tell(str(error))
            return
        except TokwatchError as error:
            self._tell(" ".join(part for part in (error.message, error.hint) if part))
            return
        self._tell("")
        self._asked, self._answered = entry, None
        self.query_one(Answers).ask(lambda: self._ask(wanted))

    @on(Answers.Done)
    def _done(self, event: Answers.Done) -> None:
        """Let what was asked be saved."""
        self._answered = self._asked
        self._tell("ctrl+s saves it all the same." if event.failing else "ctrl+s saves it.")

    def _tell(self, text: str) -> None:
        self.query_one("#endpoint-problem", Static).update(text)

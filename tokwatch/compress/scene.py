"""What a stage sees: the parts as they stand, with what it must not touch, and the settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct, field

from tokwatch.compress.billed import BARE, Wrapping
from tokwatch.compress.nouns import Change, Counter, Kind, Message, Risk
from tokwatch.compress.protect import ALWAYS, BLOCKS, SPACED, Fence, Guard


class Touch(StrEnum):
    """How a stage treats what is protected."""

    REWORD = "never alters it"
    SPACE = "changes blanks and rulers only, outside of what may hold them"
    REMOVE = "takes it away with a whole unit, or not at all; never a mark or a placeholder"
    ENCODE = "writes the same values in another form; never marks, placeholders or code"


class Settings(Struct, frozen=True):
    """What the user asks of the stages."""

    count: Counter
    question: str = ""
    language: str = ""
    """Empty: found by its commonest words."""
    examples: int = 2
    """How many examples of a few-shot prompt stay."""
    keep_results: int = 3
    """How many of the newest tool results are never cleared."""
    likeness: int = 95
    """Percent from which on a paragraph is taken for one that stood before."""
    repeated_lines: int = 4
    """Lines of the shortest block that is told as one that stood before."""
    chunk_tokens: int = 500
    """Size of a chunk of which the first sentence is told, at four characters a token."""
    every_number: int = 10
    """Of the numbers of lines that a tool writes each so-many-th stays."""
    open: frozenset[Guard] = frozenset()
    """Kinds of protection that the user has switched off."""
    lingua_folder: str = ""
    """Folder of an LLMLingua-2 model."""
    rules: tuple[str, ...] = ()
    """Rule files of the user's own, as text."""
    wrapping: Wrapping = BARE
    """What the model's provider adds to the texts of a chat."""


class View(Struct, frozen=True):
    """One part as it stands."""

    number: int
    text: str
    kind: Kind
    about: str
    message: int
    tokens: int
    fence: Fence
    """What this stage must not touch."""
    chars: int = 0
    """Of the original."""

    @property
    def is_output(self) -> bool:
        """Say whether it came from a tool."""
        return self.kind is Kind.RESULT


class Scene(Struct, frozen=True):
    """All parts that may be edited, and what they are to become."""

    views: tuple[View, ...]
    messages: tuple[Message, ...]
    settings: Settings
    room: int
    """Tokens that these parts may have in the end."""


Finder = Callable[[Scene], Iterable[Change]]


class Stage(Struct, frozen=True):
    """One way to save tokens."""

    name: str
    about: str
    risk: Risk
    touch: Touch
    find: Finder
    is_asked: bool = False
    """Whether it runs only when the user names it or asks for what it does."""
    lacks: Callable[[Settings], str] | None = None
    """Tells what it needs before it can find anything; empty where nothing is lacking."""
    open: frozenset[Guard] = field(default_factory=frozenset)
    """Kinds of protection that it may touch because that is its purpose."""
    is_frugal: bool = False
    """Whether it takes no more edits, from the text's beginning, than the budget asks for."""
    guarded: frozenset[Guard] = field(default_factory=frozenset)
    """Kinds that it must leave beside those of its touch, unless the user opens them."""

    def guards(self, settings: Settings) -> frozenset[Guard]:
        """Return the kinds that it must leave."""
        kinds = (_GUARDS[self.touch] | self.guarded) - self.open
        return kinds - (settings.open - {Guard.MARK})


_GUARDS: Final[Mapping[Touch, frozenset[Guard]]] = {
    Touch.REWORD: frozenset(Guard),
    Touch.SPACE: SPACED,
    Touch.REMOVE: ALWAYS,
    Touch.ENCODE: BLOCKS,
}


def only(views: Iterable[View], kinds: Sequence[Kind]) -> list[View]:
    """Return the parts of some kinds."""
    return [view for view in views if view.kind in kinds]

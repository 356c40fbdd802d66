"""The nouns of compression: risk, parts and messages of a prompt, edits and what comes of them."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum, StrEnum

from msgspec import Struct

Counter = Callable[[str], int]
"""Return how many tokens a text has, in one model's count."""


class Risk(IntEnum):
    """What a change may cost the reader."""

    NONE = 0
    """The same values, or what no reader sees."""
    LOW = 1
    """How it looks, or what can be derived from the rest."""
    MEDIUM = 2
    """Wording, and values that can be read again elsewhere."""
    HIGH = 3
    """Content is gone."""


class Shape(StrEnum):
    """How a prompt is written down."""

    PLAIN = "plain text"
    ANTHROPIC = "Anthropic messages"
    OPENAI = "OpenAI chat"


class Kind(StrEnum):
    """What a part of a prompt is for."""

    PLAIN = "text"
    SYSTEM = "instructions"
    USER = "user"
    ASSISTANT = "assistant"
    RESULT = "tool result"
    CALL = "tool call"
    """Counted and never edited, as all that a provider checks or signs."""
    TOOLS = "definitions of tools"
    """Counted and never edited either."""


class Part(Struct, frozen=True):
    """One text of a prompt, and where it stands in the chat's JSON."""

    text: str
    kind: Kind
    message: int = 0
    path: tuple[str | int, ...] = ()
    about: str = ""
    """The tool that a result came from, or the file that it shows."""

    @property
    def is_editable(self) -> bool:
        """Say whether stages may change it."""
        return self.kind not in (Kind.CALL, Kind.TOOLS)


class Message(Struct, frozen=True):
    """One message of a chat; plain text is one message of the user."""

    role: str
    parts: tuple[int, ...]
    calls: tuple[str, ...] = ()
    """Ids of the calls that it makes or answers: messages that share one stay together."""
    place: int | None = None
    """Its number in the list of messages; none for what stands beside it: rules, tools."""
    answers: bool = False
    """Whether it holds nothing but results of tools."""


class Prompt(Struct, frozen=True):
    """A text with its shape, its messages and their parts."""

    text: str
    shape: Shape
    parts: tuple[Part, ...]
    messages: tuple[Message, ...]
    note: str = ""
    """What is worth telling about how it was read."""


class Edit(Struct, frozen=True):
    """One change of one part's original text, which can be accepted or rejected by itself."""

    part: int
    start: int
    end: int
    replacement: str
    stage: str
    reason: str
    risk: Risk
    tokens: int
    """Tokens that it saves, counted by itself."""
    group: str = ""
    """Edits of one group make sense only together: they are accepted or rejected as one."""

    @property
    def span(self) -> tuple[int, int]:
        """Return where it stands in the original text."""
        return self.start, self.end


class Change(Struct, frozen=True):
    """What a stage asks for, in the text as it stands when the stage runs."""

    part: int
    start: int
    end: int
    replacement: str
    reason: str
    risk: Risk | None = None
    """None: the stage's own."""
    group: str = ""


class StageRun(Struct, frozen=True):
    """What one stage did."""

    name: str
    risk: Risk
    before: int
    after: int
    edits: int
    note: str = ""
    """Why it did nothing, or what it wants to tell."""

    @property
    def saved(self) -> int:
        """Return the tokens that it took away."""
        return self.before - self.after


class Ledger(Struct, frozen=True):
    """What stood in the original and stands nowhere in the result."""

    numbers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    negations: tuple[str, ...] = ()
    """Sentences or lines that said no, and whose no is gone."""

    @property
    def is_empty(self) -> bool:
        """Say whether nothing of note is gone."""
        lists = (self.numbers, self.names, self.urls, self.identifiers, self.negations)
        return not any(lists)


class Outcome(Struct, frozen=True):
    """A compression: the edits, what each stage did, and whether the target was met."""

    prompt: Prompt
    text: str
    edits: tuple[Edit, ...]
    runs: tuple[StageRun, ...]
    before: int
    after: int
    budget: int
    notes: tuple[str, ...] = ()
    dropped: tuple[int, ...] = ()
    """Numbers of the messages that a limit left out."""

    @property
    def is_met(self) -> bool:
        """Say whether the result is within its budget."""
        return self.after <= self.budget

    @property
    def reduction(self) -> float:
        """Return the share of tokens that is gone."""
        return 1 - self.after / self.before if self.before else 0.0

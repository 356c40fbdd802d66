"""Templates of prompts, and runs of compressions: what the library keeps of each.

Frozen values that store, library, commands and screen share; standard library only. A template
holds text because its user saved it; a run holds none.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from msgspec import Struct

TERSE_FROM: Final = 2_000
"""Tokens of context from which on a terse prompt says enough, unless the template tells another."""


class Variant(StrEnum):
    """Which wording of a template."""

    DETAILED = "detailed"
    TERSE = "terse"


class Draft(Struct, frozen=True):
    """What is saved as a version of a template."""

    detailed: str
    """The prompt as it was before it was compressed."""
    terse: str = ""
    """What it was compressed to; empty where there is one wording only."""
    model: str = ""
    """In whose tokens it is counted; empty: o200k."""
    detailed_tokens: int = 0
    terse_tokens: int = 0
    terse_from: int = TERSE_FROM
    """Tokens of context from which on the terse wording is taken."""
    stages: tuple[str, ...] = ()
    """What the terse wording was made by."""


class Version(Struct, frozen=True):
    """One version of a template, without its text."""

    number: int
    saved_ms: int
    model: str
    detailed_tokens: int
    terse_tokens: int
    """0 where there is no terse wording."""
    terse_from: int
    stages: tuple[str, ...] = ()

    @property
    def has_terse(self) -> bool:
        """Tell whether there are two wordings."""
        return self.terse_tokens > 0

    @property
    def saving(self) -> float | None:
        """Return the share of the tokens that the terse wording saves; None without one."""
        if not self.has_terse or not self.detailed_tokens:
            return None
        return 1 - self.terse_tokens / self.detailed_tokens


class Template(Struct, frozen=True):
    """A template as lists show it: its newest version and what became of it."""

    name: str
    user: str
    tags: tuple[str, ...]
    uses: int
    used_ms: int | None
    """When it was used last."""
    newest: Version
    versions: int


class TemplateText(NamedTuple):
    """The text of one version."""

    name: str
    user: str
    version: Version
    detailed: str
    terse: str

    def wording(self, variant: Variant) -> str:
        """Return one wording; where there is no terse one, the other."""
        return self.terse if variant is Variant.TERSE and self.terse else self.detailed

    def fitting(self, context_tokens: int) -> Variant:
        """Return the wording that fits a context of so many tokens.

        A long context has told the model what a detailed prompt would tell it again.
        """
        is_terse = bool(self.terse) and context_tokens >= self.version.terse_from
        return Variant.TERSE if is_terse else Variant.DETAILED


class Used(NamedTuple):
    """What a template gave when it was used."""

    text: str
    variant: Variant
    version: int
    why: str
    """Why this wording, in words."""


class Failure(StrEnum):
    """Why a run came to nothing."""

    NONE = ""
    MISSED = "target missed"
    ERROR = "stage error"
    LOST = "must-keep lost"
    REJECTED = "all rejected"


class Run(Struct, frozen=True):
    """One compression: what was done and what came of it, without a word of the text."""

    at_ms: int
    origin: str
    """"compress" for the command, "workbench" for the screen."""
    model: str
    """In whose tokens it was counted; empty: o200k."""
    stages: tuple[tuple[str, int], ...]
    """The techniques that saved something, each with its tokens, in their order."""
    before: int
    after: int
    budget: int | None
    """Tokens that were aimed at; None where there was no target."""
    accepted: int
    """Edits that stand."""
    rejected: int
    ms: int
    failure: Failure = Failure.NONE
    summary_nano: int | None = None
    """What a gateway's model cost; None where none was asked, or its price is not known."""
    user: str = ""

    @property
    def is_met(self) -> bool:
        """Tell whether it is within its target."""
        return self.budget is None or self.after <= self.budget


def failure_of(
    *, is_met: bool, accepted: int, rejected: int, is_lost: bool = False, is_error: bool = False
) -> Failure:
    """Return why a run came to nothing, the gravest first; `NONE` where it worked."""
    if is_error:
        return Failure.ERROR
    if is_lost:
        return Failure.LOST
    if rejected and not accepted:
        return Failure.REJECTED
    return Failure.NONE if is_met else Failure.MISSED

"""What of the stages can be tuned, and what the settings bring: rules, a model's folder."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from tokwatch.compress.billed import Wrapping
from tokwatch.compress.nouns import Counter
from tokwatch.compress.rules import LANGUAGES
from tokwatch.compress.scene import Settings
from tokwatch.errors import TokwatchError
from tokwatch.workbench.state import Bench

if TYPE_CHECKING:
    from tokwatch.config import Config


class Knob(NamedTuple):
    """Something of a stage that the user sets."""

    name: str
    """The field of the workbench's state."""
    label: str
    stages: tuple[str, ...]
    least: int = 0
    most: int = 1000
    options: tuple[str, ...] = ()
    """Words that it may be; empty for a number."""

    def taken(self, typed: str) -> int | str:
        """Return what was typed; raise where it cannot be that."""
        given = typed.strip()
        if self.options:
            if given not in self.options:
                known = ", ".join(one for one in self.options if one)
                raise TokwatchError(f"{self.label}: {given} is none of {known}.")
            return given
        if not given.isdecimal() or not self.least <= int(given[:9]) <= self.most:
            told = f"{self.label}: {given} is no whole number from {self.least} to {self.most:,}."
            raise TokwatchError(told)
        return int(given)


_WORDED: Final = ("phrases", "wording", "labels", "articles", "copulas", "light-words",
                  "connectives", "extract", "cover")  # fmt: skip
LINGUA: Final = "llmlingua"
KNOBS: Final = (
    Knob("examples", "examples that stay", ("examples",), most=100),
    Knob("keep_results", "newest tool results that stay", ("clear-results",)),
    Knob("likeness", "percent of likeness from which on a paragraph repeats one before",
         ("near-duplicates",), 50, 100),
    Knob("repeated_lines", "lines of the shortest block that repeats one before",
         ("duplicates",), 2, 100),
    Knob("chunk_tokens", "tokens of one chunk, of which the first sentence is told",
         ("outline",), 50, 100_000),
    Knob("every_number", "of the numbers of lines each so-many-th stays",
         ("line-numbers",), 2),
    Knob("language", "language of the rules; empty: by the commonest words", _WORDED,
         options=("", *LANGUAGES)),
)  # fmt: skip


def patterns_of(typed: str) -> tuple[str, ...]:
    """Return patterns of what must stay; raise for one that is none."""
    patterns = tuple(typed.split())
    for pattern in patterns:
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            raise TokwatchError(f"must stay: {pattern} is no pattern: {error}.") from None
    return patterns


def knobs_of(stage: str) -> list[Knob]:
    """Return what can be set of a stage."""
    return [knob for knob in KNOBS if stage in knob.stages]


def set_of(bench: Bench, stage: str) -> str:
    """Return how a stage is set, in short; empty where nothing of it can be set."""
    told = [str(getattr(bench, knob.name)) for knob in knobs_of(stage)]
    return " ".join(filter(None, told))


class Given(Struct, frozen=True):
    """What the settings bring to the stages."""

    lingua: str = ""
    """Folder of the LLMLingua-2 model."""
    rules: tuple[str, ...] = ()
    """Rule files of the user's own, as text."""
    lacking: str = "no [workbench] lingua folder"
    """Why the stage with a model of the user's cannot run; empty where it can."""


def given_by(config: Config) -> Given:
    """Return what the settings bring; raise for a rule file that cannot be read."""
    told = config.workbench
    rules = tuple(read_rules(file) for file in told.rules)
    folder = str(Path(told.lingua).expanduser()) if told.lingua else ""
    return Given(folder, rules, lacking_lingua(config))


def lacking_lingua(config: Config) -> str:
    """Return what LLMLingua-2 lacks, in short; empty where it can run."""
    folder = config.workbench.lingua
    if not folder:
        return "no [workbench] lingua folder"
    if not Path(folder).expanduser().is_dir():
        return "its folder is not there"
    if find_spec("llmlingua") is None:
        return "pip install 'tokwatch[lingua]'"
    return ""


def read_rules(file: str) -> str:
    """Return a rule file of the user's own; raise for one that cannot be read."""
    try:
        return Path(file).expanduser().read_text("utf-8")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is no UTF-8"
        raise TokwatchError(f"[workbench] rules: {file} cannot be read: {why}.") from None


def settings_of(bench: Bench, count: Counter, wrapping: Wrapping, given: Given) -> Settings:
    """Return what the stages are asked for."""
    return Settings(
        count,
        bench.question.strip(),
        bench.language,
        examples=bench.examples,
        keep_results=bench.keep_results,
        likeness=bench.likeness,
        repeated_lines=bench.repeated_lines,
        chunk_tokens=bench.chunk_tokens,
        every_number=bench.every_number,
        lingua_folder=given.lingua,
        rules=given.rules,
        wrapping=wrapping,
    )

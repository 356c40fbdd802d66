"""Words for people: a number and its noun agree, and names obey nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tokwatch
from tokwatch.words import counted, named, printable


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 logs"), (1, "1 log"), (2, "2 logs"), (1_234, "1,234 logs")]
)
def test_a_noun_follows_its_number(number: int, words: str) -> None:
    assert counted(number, "log") == words


def test_what_an_s_does_not_make_plural_is_named() -> None:
    assert counted(1, "reply is", "replies are") == "1 reply is"
    assert counted(3, "reply is", "replies are") == "3 replies are"
    assert (named(1, "break"), named(2, "break")) == ("break", "breaks")


def test_nothing_printed_can_be_obeyed() -> None:
    assert printable("a\x1b[2Jb\u202e\n") == "a?[2Jb??"


NOUNS = (
    "answers|breaks|calls|conversations|copies|days|echoes|errors|events|files|folders"
    "|gaps|hours|lines|logs|machines|measures|minutes|observations|problems|prompts|records"
    "|requests|sessions|settings|sources|sums|times|turns|values"
)


def test_no_text_has_a_plural_of_its_own() -> None:
    """A number before a plural noun is written by `counted`, or it says "1 logs" one day."""
    plural = re.compile(
        rf"\{{[^{{}}\"']*:,\}} (?:[a-z]+ )?(?:{NOUNS})\b|\"s\" if|'s' if|else \"s\""
    )
    package = Path(tokwatch.__file__).parent
    found = [
        f"{file.relative_to(package)}:{number}: {line.strip()}"
        for folder in ("cli", "ui", "doctor")
        for file in package.joinpath(folder).rglob("*.py")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if plural.search(line)
    ]

    assert found == []

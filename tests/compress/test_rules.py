"""Rule files: every shipped one is read, and the language of a text is told."""

from __future__ import annotations

import pytest

from tokwatch.compress.rules import LANGUAGES, SETS, WORD_SETS, language, read, spoken
from tokwatch.errors import TokwatchError


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_language_has_every_set(name: str) -> None:
    found = language(name)

    assert found.name == name
    assert all(found.rules[one] for one in SETS)
    assert all(found.words[one] for one in WORD_SETS)


@pytest.mark.parametrize("name", LANGUAGES)
def test_no_rule_matches_nothing(name: str) -> None:
    rules = [rule for one in language(name).rules.values() for rule in one]

    assert [rule.pattern.pattern for rule in rules if rule.pattern.fullmatch("")] == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The cat is on the table and you see it.", "en"),
        ("Die Katze ist auf dem Tisch und sie schläft nicht.", "de"),
        ("El gato está en la mesa y que los niños duermen.", "es"),
        ("Le chat est dans la maison et les enfants dorment.", "fr"),
        ("12345", "en"),
    ],
)
def test_a_language_is_told_by_its_commonest_words(text: str, name: str) -> None:
    assert spoken([text]) == name


@pytest.mark.parametrize("text", ["[low", "[low]\n'(' = 'x'", "commonest = []"])
def test_a_rule_file_that_cannot_be_read_is_told(text: str) -> None:
    with pytest.raises(TokwatchError, match="cannot be read"):
        read(text)


def test_a_language_without_rules_is_told() -> None:
    with pytest.raises(TokwatchError, match="no rules for the language xx"):
        language("xx")

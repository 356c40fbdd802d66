"""A rule is passed over only where nothing of the text can match it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tokwatch.compress.anchors import anchors_of
from tokwatch.compress.rules import LANGUAGES, language, read

TEXTS = [
    str(one["text"]).lower()
    for one in tomllib.loads(Path(__file__).with_name("templates.toml").read_text("utf-8"))[
        "template"
    ]
]


@pytest.mark.parametrize(
    ("pattern", "anchors"),
    [
        ("please(?:_kindly)?", {"please"}),
        ("(?:could|can)_you_(?:please_)?", {"you"}),
        ("(?:kindly|gently)_(?=\\w)", {"kindly", "gently"}),
        ("(?<!not )(?:is|are)_going_to", {"going"}),
        ("colou?r_wheel", {"wheel"}),
        ("a(?:bc|d)*e", {"a"}),
        (r"\w+_\w+", None),
        ("(?P<a>x)yz", None),
        ("(?i:please)", None),
        ("[a-z]{2,}ing", {"ing"}),
        ("(", None),
    ],
)
def test_anchors_are_what_every_match_holds(pattern: str, anchors: set[str] | None) -> None:
    assert anchors_of(pattern) == (None if anchors is None else frozenset(anchors))


@pytest.mark.parametrize("name", LANGUAGES)
def test_no_rule_that_matches_is_passed_over(name: str) -> None:
    rules = [rule for one in language(name).rules.values() for rule in one]
    matched = [(rule, text) for rule in rules for text in TEXTS if rule.pattern.search(text)]

    assert [rule.source for rule, text in matched if not rule.may_match(text)] == []
    assert name != "en" or len(matched) > 100


def test_a_rule_of_the_users_own_is_tried_whatever_it_is_made_of() -> None:
    (rule,) = read('language = "en"\n[low]\n"(?P<a>tokens?)_(?P=a)" = "x"\n').rules["low"]

    assert rule.may_match("nothing of it")
    assert re.search(rule.pattern, "tokens tokens")

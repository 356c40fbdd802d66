"""Rules in a few words: own ones first, those that are off last."""

from __future__ import annotations

import pytest

from tokwatch.config.alerting import DEFAULTS, Rule
from tokwatch.pages.alert_rules import WatchedRule, watched_rules


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("budget-90", "≥ 90%"),
        ("session-cost", "> $10.00"),
        ("cache-low", "< 20% for 10m"),
        ("cache-drop", "> 30 points"),
        ("unpriced-model", ""),
        ("source-failing", ""),
        ("endpoint-failing", ""),
    ],
)
def test_a_shipped_rule_says_from_what_on(name: str, words: str) -> None:
    (found,) = watched_rules({name: DEFAULTS[name]})

    assert found == WatchedRule(name, words, is_on=True, is_own=False)


def test_own_rules_stand_first_and_say_what_they_look_at() -> None:
    mine = Rule("requests_per_hour > 40", minutes=5, projects=("shop",), models=("opus",))
    quiet = Rule("error_rate > threshold", 0.1, on=False)

    found = watched_rules({"quiet": quiet, "latency": DEFAULTS["latency"], "mine": mine})

    assert [(one.name, one.words) for one in found] == [
        ("mine", "requests per hour > 40 for 5m of shop, opus"),
        ("latency", "> 120 s"),
        ("quiet", "off"),
    ]

"""The rules that are watched, each in a few words: its name, and from what on it alerts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from tokwatch.alerts.words import STATES, amount, name_of
from tokwatch.analysis.alerting.rules import ReadyRule, ready_rules
from tokwatch.config.alerting import DEFAULTS, Rule

_SIGN: Final = re.compile(r"(>=|<=|>|<)\s*threshold\b")
_SIGNS: Final = {">=": "≥", "<=": "≤"}


class WatchedRule(NamedTuple):
    """One rule of [alerts.rules]."""

    name: str
    words: str
    """From what on it alerts; empty where its name says it."""
    is_on: bool
    is_own: bool
    """Whether the user wrote it."""


def watched_rules(rules: Mapping[str, Rule]) -> tuple[WatchedRule, ...]:
    """Return rules in words: the user's own first, those that are off last."""
    ready = {one.name: one for one in ready_rules(rules)}
    found = [
        WatchedRule(
            *(name, _words(rule, ready[name], is_own=name not in DEFAULTS) if rule.on else "off"),
            *(rule.on, name not in DEFAULTS),
        )
        for name, rule in rules.items()
    ]
    return tuple(sorted(found, key=lambda one: (not one.is_on, not one.is_own)))


def _words(rule: Rule, ready: ReadyRule, *, is_own: bool) -> str:
    told = _SIGN.search(rule.when)
    sign = told[1] if told else ">" if ready.above else "<"
    limit = f"{_SIGNS.get(sign, sign)} {amount(ready.measure, ready.threshold)}"
    of = ", ".join((*rule.projects, *rule.models, *rule.agents, *rule.users))
    parts = (
        name_of(ready.measure) if is_own else "",
        limit if ready.threshold and ready.measure not in STATES else "",
        f"for {rule.minutes:g}m" if rule.minutes else "",
        f"of {of}" if of else "",
    )
    return " ".join(part for part in parts if part)

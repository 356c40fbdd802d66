"""What rules say of the readings of one moment."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from tokwatch.alerts.words import title_of
from tokwatch.analysis.alerting.rules import ReadyRule
from tokwatch.config.measures import USE
from tokwatch.model.alert import Firing, Judgement
from tokwatch.model.alert_facts import EVERYTHING, Narrow
from tokwatch.model.budget import is_model

MOST_EVENTS: Final = 20
"""Requests that an alert rests on, the newest and costliest."""


class Whose(NamedTuple):
    """What a reading can be narrowed by."""

    project: str = ""
    models: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    user: str = ""


class Reading(NamedTuple):
    """The measures of one subject at one moment; unknown ones are no numbers."""

    subject: str
    label: str
    values: Mapping[str, float]
    evidence: Callable[[str], tuple[int, ...]]
    """Return the requests that a measure rests on."""
    whose: Whose = Whose()
    narrow: Narrow = EVERYTHING
    """For readings of use: what use."""


Readings = Mapping[str, Sequence[Reading]]
"""By kind; a kind that is not there was not looked at."""

Quiet = dict[str, dict[str, Reading]]
"""By kind and subject the readings of the last moment that no rule said anything of."""


def judge(
    rules: Sequence[ReadyRule],
    readings: Readings,
    at_ms: int,
    known: Collection[tuple[str, str]] = (),
    quiet: Quiet | None = None,
) -> Judgement:
    """Return what fires; what is known already need not say again what it rests on.

    `quiet` remembers between judgements by the same rules which readings were nothing.
    """
    firings: list[Firing] = []
    holding: set[tuple[str, str]] = set()
    judged = [rule for rule in rules if rule.kind in readings]
    for kind in dict.fromkeys(rule.kind for rule in judged):
        of_kind = [rule for rule in judged if rule.kind == kind]
        before = {} if quiet is None else quiet.get(kind, {})
        some = [one for one in readings[kind] if before.get(one.subject) is not one]
        for rule in of_kind:
            _judge(rule, some, at_ms, known, firings, holding)
        if quiet is not None:
            loud = {one.subject for one in firings} | {subject for _, subject in holding}
            quiet[kind] = {one.subject: one for one in readings[kind] if one.subject not in loud}
    standing = {(one.rule, one.subject) for one in firings} | (holding & set(known))
    told = _foremost(judged, firings, standing)
    return Judgement(at_ms, told, frozenset(holding), frozenset(rule.name for rule in judged))


def _judge(
    rule: ReadyRule,
    readings: Sequence[Reading],
    at_ms: int,
    known: Collection[tuple[str, str]],
    firings: list[Firing],
    holding: set[tuple[str, str]],
) -> None:
    """Add what one rule says of readings of its kind."""
    fires, counts = rule.fires, rule.counts
    is_wide = rule.narrow == EVERYTHING
    for reading in readings:
        if not counts(reading.values) and not fires(reading.values):
            continue
        if rule.kind == USE:
            if reading.narrow != rule.narrow:
                continue
        elif not is_wide and not is_within(reading.whose, rule.narrow):
            continue
        name = (rule.name, reading.subject)
        if fires(reading.values):
            firings.append(_firing(rule, reading, at_ms, is_known=name in known))
        else:
            holding.add(name)


def _foremost(
    rules: Sequence[ReadyRule], firings: Sequence[Firing], standing: Collection[tuple[str, str]]
) -> tuple[Firing, ...]:
    """Return firings without those that say less than another rule of the same measure.

    A context above 85 % is above 75 % as well: one line is enough, unless it would matter less.
    """
    by_name = {rule.name: rule for rule in rules}
    subjects: dict[str, list[ReadyRule]] = {}
    for name, subject in standing:
        subjects.setdefault(subject, []).append(by_name[name])
    return tuple(
        one
        for one in firings
        if not any(_says_more(other, by_name[one.rule]) for other in subjects.get(one.subject, ()))
    )


def _says_more(one: ReadyRule, other: ReadyRule) -> bool:
    """Tell whether what one rule says contains what another says."""
    sign = 1 if other.above else -1
    return (
        (one.measure, one.narrow, one.above) == (other.measure, other.narrow, other.above)
        and sign * one.threshold > sign * other.threshold
        and one.severity.rank >= other.severity.rank
    )


def _firing(rule: ReadyRule, reading: Reading, at_ms: int, *, is_known: bool) -> Firing:
    value = reading.values[rule.measure]
    return Firing(
        rule.name,
        reading.subject,
        rule.severity,
        value,
        rule.threshold,
        rule.clear,
        title_of(rule.measure, value, rule.threshold, reading.label, above=rule.above),
        () if is_known else reading.evidence(rule.measure)[:MOST_EVENTS],
        at_ms,
        reading.whose.user,
    )


def is_within(whose: Whose, narrow: Narrow) -> bool:
    """Tell whether a subject belongs to what a rule looks at."""
    return (
        (not narrow.projects or is_named(whose.project, narrow.projects))
        and (not narrow.models or any(is_of_model(one, narrow.models) for one in whose.models))
        and (not narrow.agents or any(is_named(one, narrow.agents) for one in whose.kinds))
        and (not narrow.users or is_named(whose.user, narrow.users))
    )


def is_of_model(model: str, patterns: Sequence[str]) -> bool:
    """Tell whether a model is one of some: by its name, a pattern, or a word such as opus."""
    return is_named(model, patterns) or any(is_model(model, one) for one in patterns)


def is_named(name: str, patterns: Sequence[str]) -> bool:
    """Tell whether a name, or the last part of a path, is one of some; `*` stands for anything."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return any(fnmatchcase(name, one) or fnmatchcase(last, one) for one in patterns)

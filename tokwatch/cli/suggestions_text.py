"""Suggestions and what came of them as lines for a terminal or a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tokwatch.analysis.suggesting.triggers import Trigger
from tokwatch.analysis.suggesting.words import tokens
from tokwatch.cli.money import usd
from tokwatch.model.suggestion import Suggestion, SuggestionState, TriggerCount, saving_sum
from tokwatch.words import counted, printable


def lines(found: Sequence[Suggestion], triggers: Sequence[TriggerCount]) -> Iterator[str]:
    """Yield the list, the best first, and what made tokwatch look."""
    if not found:
        yield f"No suggestion: {_why_none(triggers)}."
    for one in found:
        yield from _lines_of(one)
        yield ""
    total = saving_sum(found)
    if total:
        yield f"{usd(total)} a month in all; what several would save is counted once."
    for trigger in triggers:
        state = "holds" if trigger.is_on else "does not hold"
        yield (
            f"trigger {trigger.name}: {state} ({_amount(trigger, trigger.value)} against "
            f"{_amount(trigger, trigger.threshold)}), fired {counted(trigger.times, 'time')}"
        )


def _amount(trigger: TriggerCount, value: float) -> str:
    """Return what a trigger measures, with its unit."""
    match trigger.name:
        case Trigger.USE:
            return f"{tokens(value)} tokens a day"
        case Trigger.COST:
            return f"${value:,.2f} a day"
        case _:
            return f"{value:.0%}"


def _why_none(triggers: Sequence[TriggerCount]) -> str:
    if any(one.name == Trigger.USE and not one.value for one in triggers):
        return "there was no request in this time; --days N looks further back"
    if triggers and not any(one.is_on for one in triggers):
        return "no trigger holds, so that nothing was looked at"
    return "nothing was found that is worth the change"


def _lines_of(one: Suggestion) -> Iterator[str]:
    saving = f"{usd(one.saving_nano_month)}/month" if one.saving_nano_month else "-"
    share = f" ({one.saving_share:.0%} of its slice)" if one.saving_nano_month else ""
    state = "" if one.state is SuggestionState.NEW else f"  [{one.state}]"
    yield f"{one.id:>4}  {saving}{share}  {printable(one.title)}{state}"
    yield (
        f"      {one.severity}, {one.klass}; confidence {one.confidence}, risk {one.risk}; "
        f"{counted(one.requests, 'request')}"
    )
    if one.evidence:
        yield f"      {printable(one.evidence)}"
    if one.agreed:
        yield f"      also seen by: {', '.join(one.agreed)}"
    if one.rather:
        yield f"      not together with what is better: {printable(one.rather)}"
    if one.discount < 1:
        yield f"      estimate cut to {one.discount:.0%}: others of its kind kept less"
    for step in one.steps:
        yield f"      - {printable(step)}"
    if one.verdict is not None:
        yield f"      {came_of(one)}"


def came_of(one: Suggestion) -> str:
    """Return what came of a suggestion, in words."""
    since = f"after {counted(one.after_requests, 'request')}"
    if one.realised_nano_month is None:
        return f"{one.verdict}, {since}"
    return (
        f"{one.verdict}, {since}: saves {usd(one.realised_nano_month)} of "
        f"{usd(one.promised_nano_month)} a month"
    )


def savings_lines(found: Sequence[Suggestion]) -> Iterator[str]:
    """Yield what came of every suggestion that was followed."""
    followed = [one for one in found if one.accepted_ms is not None]
    if not followed:
        yield "No suggestion was followed yet: `tokwatch suggestions accept ID` begins to watch."
        return
    yield f"{'ID':>4}  {'Verdict':<10} {'Estimate':>12} {'Realised':>12}  Suggestion"
    for one in followed:
        known = one.realised_nano_month
        left = "" if one.is_followed else "  [dismissed since]"
        yield (
            f"{one.id:>4}  {one.verdict or 'too early':<10} {usd(one.promised_nano_month):>12} "
            f"{'-' if known is None else usd(known):>12}  {printable(one.title)}{left}"
        )
    promised, realised = savings_sums(followed)
    yield (
        f"{'':>4}  {'Total':<10} {usd(promised):>12} {usd(realised):>12}  a month; "
        "what several save is counted once"
    )


def savings_sums(found: Iterable[Suggestion]) -> tuple[int, int]:
    """Return what all that are followed promised and what came of it, no dollar twice."""
    followed = [one for one in found if one.is_followed]
    return (
        sum(one.promised_counted_nano_month for one in followed),
        sum(one.realised_counted_nano_month for one in followed),
    )

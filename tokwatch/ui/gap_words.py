"""Logs beside reports in words: figures, names, and why a gap is likely."""

from __future__ import annotations

from typing import Final

from tokwatch.analysis.calendar import date_of
from tokwatch.model.reconciliation import Pair, Reason, Row, Why
from tokwatch.model.units import NANO
from tokwatch.ui import format as fmt
from tokwatch.words import counted, printable

UNKNOWN: Final = "n/a"
ALL: Final = "all models"
OWNERS: Final = {
    Why.KEY: "another key",
    Why.USER: "another user",
    Why.MACHINE: "another machine or unlogged calls",
    Why.ELSEWHERE: "another machine or key",
}
STEPS: Final = {
    Why.NAMES: "One model under two names: [prices.alias] makes them one.",
    Why.CACHED: "Only the classes differ: the sum of both is the same use.",
    Why.LATE: "Wait until its hour or day is over and it was read once more.",
    Why.EARLIER: "Nothing to do: it is not told what was before.",
    Why.BOUNDARY: "Look at both days together: one of them counts by when an answer ended.",
    Why.LOWER: "The log breaks off before the answer's last count; the report has it.",
    Why.KEY: "Requests of another key leave no log here, or this one pays by another key.",
    Why.USER: "Requests of another user leave no log here.",
    Why.MACHINE: "Bring in its logs (tokwatch export, import); tokwatch audit tells hidden calls.",
    Why.ELSEWHERE: "Bring in other machines' logs, or see whose the other keys are.",
    Why.PAST: "See how these sessions are paid: a plan, another account, or past the gateway.",
    Why.UNPRICED: "Give it a price: [prices.override] or [prices.alias] in config.toml.",
    Why.RATES: "Compare the tier and the discounts of the account with the price list.",
    Why.CLASSES: "Nothing is missing: they tell classes apart in different ways.",
    Why.SMALL: "Nothing to do.",
}
"""What each reason asks for."""


def date(day: int) -> str:
    """Return a UTC day as YYYY-MM-DD."""
    return date_of(day).isoformat()


def narrow_tokens(count: int | None, width: int, *, is_gap: bool = False) -> str:
    """Return a number in so many cells, rounded where all of it does not fit."""
    told = tokens_of(count, is_gap=is_gap)
    if count is None or len(told) <= width:
        return told
    return f"{'+' if is_gap and count > 0 else ''}{fmt.count(count)}"


def narrow_money(nano: int | None, width: int, *, is_gap: bool = False) -> str:
    """Return money in so many cells, rather without cents than cut."""
    told = money_of(nano, is_gap=is_gap)
    if nano is None or len(told) <= width:
        return told
    sign = "-" if nano < 0 else "+" if is_gap else ""
    return f"{sign}{fmt.narrow_money(abs(nano), width - len(sign))}"


def reason_words(row: Row) -> str:
    """Return the likeliest reason of a gap in a line, and how many more there are."""
    if not row.reasons:
        return "agrees exactly"
    more = f" (+{len(row.reasons) - 1})" if len(row.reasons) > 1 else ""
    return words(row.reasons[0], row.pair) + more


def tokens_of(count: int | None, *, is_gap: bool = False) -> str:
    """Return a number; a gap has its sign."""
    if count is None:
        return UNKNOWN
    return f"{count:+,}" if is_gap and count else f"{count:,}"


def money_of(nano: int | None, *, is_gap: bool = False) -> str:
    """Return nano-dollars to the hundredth of a cent; a gap has its sign."""
    if nano is None:
        return UNKNOWN
    sign = ("-" if nano < 0 else "+") if is_gap and nano else "-" if nano < 0 else ""
    return f"{sign}${abs(nano) / NANO:,.4f}"


def report_name(endpoint: str, report: str) -> str:
    """Return which report of which endpoint."""
    return printable(f"{endpoint} {report}")


def model_name(pair: Pair) -> str:
    """Return the model, or that all are meant."""
    return printable(pair.model) or ALL


def key_of(pair: Pair) -> str:
    """Return what tells a comparison from the others."""
    return "\0".join((str(pair.day), pair.model, pair.endpoint, pair.report))


def words(reason: Reason, pair: Pair) -> str:
    """Return a likely reason in words, with the numbers that it rests on."""
    amount = _amount(reason)
    names = ", ".join(map(printable, reason.names))
    if reason.why is Why.CACHED:
        who = "its input" if (reason.tokens or 1) > 0 else "the input of the logs"
        many = "" if reason.tokens is None else f" {abs(reason.tokens):,}"
        return f"{who} holds{many} cached tokens"
    if reason.why is Why.UNPRICED:
        who = "the report knows" if reason.names == ("report",) else "the logs know"
        return f"{who} no price for {reason.tokens or 0:,} tokens"
    if reason.why is Why.LOWER:
        unfinished = counted(reason.number or 0, "answer was", "answers were")
        bound = f": {amount} at most" if amount else ", a part of it"
        return f"{unfinished} logged unfinished{bound}"
    if reason.number:
        amount += f" in {counted(reason.number, 'request')}"
    if reason.why in OWNERS:
        return _owner_words(reason, amount, names)
    return _plain_words(reason, amount, names)


def _owner_words(reason: Reason, amount: str, names: str) -> str:
    """Return who used it."""
    is_ours = (reason.tokens or reason.cost_nano or 0) < 0
    what, of = OWNERS[reason.why], "key" if reason.why is Why.KEY else "user"
    if reason.why is Why.ELSEWHERE:
        return f"{what}: {amount}{f'; keys: {names}' if names else ''}"
    if reason.why is Why.MACHINE:
        return f"{what}: {amount} with the same key, {names}"
    return f"{what}: {amount} by {names}{f', a {of} that it does not name' if is_ours else ''}"


def _plain_words(reason: Reason, amount: str, names: str) -> str:
    around = date(reason.day) if reason.day is not None else ""
    return {
        Why.NAMES: f"as much stands under {names}",
        Why.LATE: f"late data: {amount} came when its figures were open",
        Why.EARLIER: f"{amount} came before its first figures",
        Why.BOUNDARY: f"day boundary: {around} has the opposite gap",
        Why.PAST: f"not through it, or another account or plan: {amount}",
        Why.RATES: "other prices: tiers, discounts or another list",
        Why.CLASSES: "all in all they agree: classes of tokens are drawn in another way",
        Why.SMALL: "less than a thousandth",
    }[reason.why]


def _amount(reason: Reason) -> str:
    if reason.cost_nano is not None:
        return money_of(abs(reason.cost_nano))
    return "" if reason.tokens is None else f"{abs(reason.tokens):,} tokens"

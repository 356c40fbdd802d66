"""Which messages of a chat leave: by its limits, or because a summary stands for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from tokwatch.compress.billed import BARE, Wrapping, around, tokens_of
from tokwatch.compress.limits import Kept, Limits, Strategy, limited, together
from tokwatch.compress.nouns import Counter, Edit, Prompt, Risk, Shape
from tokwatch.errors import TokwatchError
from tokwatch.workbench.meter import Scale
from tokwatch.workbench.state import Bench
from tokwatch.workbench.written import SUMMARY, SummaryWritten

OLD_SUMMARY = "The summary is of messages that have changed since: it is left out."


class Measure(NamedTuple):
    """How the tokens of a prompt are counted."""

    count: Counter
    scale: Scale
    wrapping: Wrapping = BARE


class Leaving(NamedTuple):
    """Numbers of messages that leave, why, and what is to be told of it."""

    messages: tuple[int, ...] = ()
    why: str = ""
    notes: tuple[str, ...] = ()
    fits: bool = True
    summary: SummaryWritten | None = None
    """What stands in their place."""


def limits_of(given: Mapping[str, str]) -> Limits | None:
    """Return limits as they were typed; None without a strategy. Raise for what is none."""
    way = given["strategy"].strip()
    if not way:
        return None
    if way not in set(Strategy):
        raise TokwatchError(f"There is no strategy {way}.", f"There are {', '.join(Strategy)}.")
    messages, tokens = (_number(given[name], name) for name in ("messages", "tokens"))
    reserve = _number(given["reserve"], "reserve") or 0
    if tokens is not None and reserve >= tokens:
        raise TokwatchError(f"A reserve of {reserve:,} leaves nothing of {tokens:,} tokens.")
    if messages == 0 or tokens == 0:
        raise TokwatchError("At least one message and one token stay.")
    return Limits(messages, tokens, reserve, Strategy(way))


def _number(typed: str, name: str) -> int | None:
    text = typed.strip().replace(",", "").replace("_", "")
    if not text:
        return None
    if not text.isdecimal() or len(text) > 12:
        raise TokwatchError(f"{name}: {typed.strip()} is no whole number.")
    return int(text)


def leaving(prompt: Prompt, bench: Bench, by: Measure) -> Leaving:
    """Return what leaves; limits are tokens of the model."""
    notes: tuple[str, ...] = ()
    written = bench.summary
    if written is not None:
        if written.is_of(prompt):
            return Leaving(written.replaced, SUMMARY, summary=written)
        notes = (OLD_SUMMARY,)
    if bench.limits is None:
        return Leaving(notes=notes)
    if prompt.shape is Shape.PLAIN:
        told = "Limits are for chats: this is plain text, nothing leaves it."
        return Leaving(notes=(*notes, told))
    limits = _raw(bench.limits, by.scale)
    if limits.strategy is Strategy.SUMMARY:  # until there is one
        limits = replace(limits, strategy=Strategy.IMPORTANT)
    kept = limited(prompt, limits, by.count, wrapping=by.wrapping)
    return Leaving(
        kept.dropped, str(kept.strategy), (*notes, *_told(bench.limits, kept)), kept.fits
    )


def to_summarise(
    prompt: Prompt, bench: Bench, by: Measure, usual: Limits, least: int, own: int
) -> tuple[int, ...]:
    """Return the messages that a summary would stand for, by the limits of the workbench.

    Without any the target limits the chat, else the usual ones. Raise where none would leave, or
    where there are fewer messages than `least` and no summary is asked for. `own`: its tokens.
    """
    if prompt.shape is Shape.PLAIN:
        raise TokwatchError("A summary is for chats, and this is plain text.")
    asked = bench.limits
    is_asked = asked is not None and asked.strategy is Strategy.SUMMARY
    if len(prompt.messages) < least and not is_asked:
        told = f"A summary pays from {least} messages on, and there are {len(prompt.messages)}."
        raise TokwatchError(told, "L with the strategy summary asks for one all the same.")
    limits = _raw(_asked(prompt, bench, by, usual), by.scale)
    if limits.messages is not None:
        limits = replace(limits, messages=max(1, limits.messages - 1))
    limits = replace(limits, strategy=Strategy.SUMMARY)
    kept = limited(prompt, limits, by.count, by.scale.back(own), by.wrapping)
    if len(kept.dropped) < 2:
        told = "All messages are within the limits: there is nothing to summarise."
        raise TokwatchError(told, "L sets limits, b another target.")
    return kept.dropped


def _asked(prompt: Prompt, bench: Bench, by: Measure, usual: Limits) -> Limits:
    asked = bench.limits
    if asked is not None and (asked.messages is not None or asked.tokens is not None):
        return asked
    if bench.target.tokens is not None:
        return Limits(tokens=bench.target.tokens)
    if bench.target.reduction is not None:
        before = by.scale.of(tokens_of(prompt, by.count, by.wrapping))
        return Limits(tokens=round(before * (1 - bench.target.reduction)))
    return usual


def _raw(limits: Limits, scale: Scale) -> Limits:
    """Return limits in the tokens that are counted."""
    tokens = None if limits.tokens is None else scale.back(limits.tokens)
    return replace(limits, tokens=tokens, reserve=scale.back(limits.reserve))


def _told(asked: Limits, kept: Kept) -> tuple[str, ...]:
    notes = [str(kept)] if kept.dropped or not kept.fits else []
    is_much = asked.strategy is Strategy.AUTO and len(kept.kept) < len(kept.dropped)
    if kept.dropped and (is_much or asked.strategy is Strategy.SUMMARY):
        notes.append("s asks a model for a summary in the place of what leaves.")
    return tuple(notes)


def leaving_edits(prompt: Prompt, gone: Leaving, by: Measure) -> list[Edit]:
    """Return what leaves as edits: a call and its result together, with a summary all of them."""
    found: list[Edit] = []
    groups = _groups(prompt, gone)
    put = gone.summary.text if gone.summary is not None else ""
    taken = by.count(put) + by.wrapping.message if put else 0
    for number in gone.messages:
        reason = f"message {number + 1} leaves"
        if gone.summary is not None:
            reason = f"a summary stands for message {number + 1}"
        taken -= around(prompt, number, by.wrapping)
        for place in prompt.messages[number].parts:
            part = prompt.parts[place]
            if part.text:
                tokens = by.count(part.text) - taken
                found.append(Edit(
                    *(place, 0, len(part.text), put, gone.why, reason, Risk.HIGH, tokens),
                    group=groups[number],
                ))  # fmt: skip
                put, taken = "", 0
    return found


def still_gone(gone: Leaving, groups: Sequence[str], prompt: Prompt) -> tuple[int, ...]:
    """Return the messages that leave when some groups of edits are rejected."""
    of = _groups(prompt, gone)
    return tuple(number for number in gone.messages if of[number] not in groups)


def _groups(prompt: Prompt, gone: Leaving) -> dict[int, str]:
    if gone.summary is not None:
        return dict.fromkeys(gone.messages, "a summary stands for it")
    found: dict[int, str] = {}
    for group in together(prompt.messages):
        found.update(dict.fromkeys(group, f"leaves {group[0]}"))
    return found

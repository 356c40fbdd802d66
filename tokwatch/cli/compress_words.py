"""What `tokwatch compress` tells of a compression: in words, and as JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from msgspec.structs import asdict

from tokwatch.cli.json_form import as_json
from tokwatch.compress.solver import losses
from tokwatch.words import counted, printable

if TYPE_CHECKING:
    from tokwatch.cli.compress_asked import Result
    from tokwatch.prompts.compressing import Compressed

_NAMED: Final = 12
"""Of what is gone so much is named on a line."""


def tell(result: Result, *, explains: bool) -> None:
    """Print what was done to standard error."""
    lines = _explained(result.done) if explains else [_short(result.done)]
    for line in lines:
        print(f"tokwatch: {line}", file=sys.stderr)
    for note in result.done.notes:
        print(f"tokwatch: {printable(note)}", file=sys.stderr)


def document(result: Result, *, explains: bool) -> str:
    """Return the text and what was done as JSON."""
    done = result.done
    gone = losses(done.outcome)
    told: dict[str, object] = {
        "text": done.text,
        "model": done.order.model or None,
        "basis": done.counted.basis.value,
        "error": done.counted.error,
        "tokensBefore": done.before,
        "tokensAfter": done.after,
        "target": done.budget,
        "isMet": done.is_met and not result.is_error,
        "techniques": [{"name": name, "tokens": saved} for name, saved in done.stages],
        "stages": [
            {"name": run.name, "risk": run.risk.name.lower(), "edits": run.edits, "note": run.note}
            for run in done.outcome.runs
        ],
        "strategy": str(done.kept.strategy) if done.kept else None,
        "messagesKept": _places(done, done.kept.kept) if done.kept else None,
        "messagesRemoved": _places(done, done.kept.dropped) if done.kept else None,
        "retention": round(gone.retention, 4),
        "gone": asdict(gone.ledger),
        "notes": list(done.notes),
        "costNano": result.cost.nano if result.cost else None,
    }
    if explains:
        told["edits"] = [
            {
                **{"stage": one.stage, "reason": one.reason, "risk": one.risk.name.lower()},
                **{"part": one.part, "start": one.start, "end": one.end},
                **{"replacement": one.replacement, "tokens": one.tokens},
            }
            for one in done.outcome.edits
        ]
    return as_json(told) + "\n"


def _short(done: Compressed) -> str:
    share = f"{1 - done.after / done.before:.1%} less" if done.before else "nothing to do"
    told = f"{_mark(done)}{counted(done.before, 'token')}, {_mark(done)}{done.after:,} now, {share}"
    if done.kept:
        told += f"; {done.kept}"
    return f"{told}; {_target(done)}" if done.budget is not None else told


def _target(done: Compressed) -> str:
    if done.is_met:
        return f"within {done.budget:,}"
    return f"{done.after - (done.budget or 0):,} over the target of {done.budget:,}"


def _mark(done: Compressed) -> str:
    return "" if done.counted.is_exact else "≈ "


def _explained(done: Compressed) -> Iterator[str]:
    """Yield what each stage did, and what is gone."""
    yield _short(done)
    if done.kept:
        yield f"  removed messages: {_numbers(_places(done, done.kept.dropped))}"
    saved = dict(done.stages)
    for run in done.outcome.runs:
        told = counted(run.edits, "edit") if run.edits else run.note or "nothing to do"
        risk = run.risk.name.lower()
        yield f"  {run.name:<16} risk {risk:<7}{saved.get(run.name, 0):>9,} tokens  {told}"
    gone = losses(done.outcome)
    yield f"  retention {gone.retention:.2f} of 1"
    for name, values in asdict(gone.ledger).items():
        if values:
            shown = ", ".join(printable(str(one)) for one in values[:_NAMED])
            more = f" and {len(values) - _NAMED:,} more" if len(values) > _NAMED else ""
            yield f"  gone, {name}: {shown}{more}"


def _places(done: Compressed, numbers: Iterable[int]) -> list[int]:
    """Return where messages stand in the list of the chat, from 0."""
    places = (done.outcome.prompt.messages[number].place for number in numbers)
    return [place for place in places if place is not None]


def _numbers(places: Iterable[int]) -> str:
    """Return the messages that went, counted from 1, with runs of them as ranges."""
    ranges: list[list[int]] = []
    for number in places:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    told = [str(a + 1) if a == b else f"{a + 1}-{b + 1}" for a, b in ranges]
    return ", ".join(told) or "none"

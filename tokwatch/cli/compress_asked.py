"""What `tokwatch compress` has a gateway's model write, once an option has allowed it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from tokwatch.compress.limits import Strategy
from tokwatch.errors import TokwatchError
from tokwatch.prompts.compressing import Compressed, Press
from tokwatch.prompts.gateway_model import Cost, Gateway
from tokwatch.prompts.summarising import (
    Planned,
    planned_rewriting,
    planned_summary,
    rewrite,
    summarise,
)
from tokwatch.words import printable

if TYPE_CHECKING:
    from tokwatch.config import Config


class Result(NamedTuple):
    """A compression, and what a model had to do with it."""

    done: Compressed
    cost: Cost | None = None
    is_lost: bool = False
    """Whether what came back had lost what must stay."""
    is_error: bool = False


def summarised(
    press: Press, done: Compressed, gateway: Gateway, config: Config, originals: str | None
) -> Result:
    """Return a chat with a summary of what left it; without one where the model fails."""
    import asyncio

    assert done.kept is not None
    dropped = done.kept.dropped
    planned = planned_summary(gateway, config, press.prompt, dropped, _now_ms())
    if originals:
        _write_originals(originals, press, dropped)
    _tell(planned)
    try:
        found = asyncio.run(summarise(planned, config, press.prompt, dropped, _now_ms()))
    except TokwatchError as error:
        return _failed(press.pressed(press.kept(Strategy.IMPORTANT)), error)
    print(f"tokwatch: the summary took {found.cost}.", file=sys.stderr)
    if found.summary.missing_files:
        count = len(found.summary.missing_files)
        print(f"tokwatch: it left out {count} of the files; they are named.", file=sys.stderr)
    return Result(press.summarised(done, found.summary), found.cost)


def rewritten(press: Press, done: Compressed, gateway: Gateway, config: Config) -> Result:
    """Return a text as the model rewrites it, as far as nothing is lost by that."""
    import asyncio

    percent = max(1, (done.budget or 0) * 100 // done.after) if done.after else 100
    keep = press.order.keep
    planned = planned_rewriting(gateway, config, done.text, percent, _now_ms(), keep)
    _tell(planned)
    try:
        found = asyncio.run(rewrite(planned, config, 0, done.text, percent, _now_ms(), keep))
    except TokwatchError as error:
        return _failed(done, error)
    print(f"tokwatch: the rewriting took {found.cost}.", file=sys.stderr)
    is_lost = not found.rewritten.is_faithful
    return Result(press.rewritten(done, found.rewritten), found.cost, is_lost)


def _tell(planned: Planned) -> None:
    print(f"tokwatch: {printable(planned.words)}", file=sys.stderr, flush=True)


def _failed(done: Compressed, error: TokwatchError) -> Result:
    note = f"{error.message} This is the text without it."
    return Result(replace(done, notes=(*done.notes, note)), is_error=True)


def _write_originals(file: str, press: Press, dropped: Sequence[int]) -> None:
    """Write the messages that go to a file that is not there yet."""
    given = json.loads(press.prompt.text)
    messages = given["messages"] if isinstance(given, dict) else given
    places = [press.prompt.messages[number].place for number in dropped]
    found = [messages[place] for place in places if place is not None]
    try:
        with Path(file).open("x", encoding="utf-8") as opened:
            json.dump(found, opened, ensure_ascii=False, indent=2)
            opened.write("\n")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it has no such name"
        raise TokwatchError(f"{file} cannot be written: {why}.") from None


def _now_ms() -> int:
    return time.time_ns() // 1_000_000

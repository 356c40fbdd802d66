"""What the polling of endpoints says in words: a line for each endpoint, and for each part."""

from __future__ import annotations

from typing import Final, NamedTuple

from tokwatch.analysis.calendar import instant
from tokwatch.model.endpoint import GAUGES, EndpointHealth, EndpointState, PollState, ReportSum
from tokwatch.model.measure import Measure
from tokwatch.ui import format as fmt
from tokwatch.words import counted

GLYPHS: Final = {"failing": "x", "left alone": "x", "polled": "●", "paused": "‖", "off": "○",
                 "nothing": "◐", "waiting": "○"}  # fmt: skip
"""By the word of a state."""
BAD: Final = frozenset({"failing", "left alone"})


class EndpointLine(NamedTuple):
    """One line of the table: an endpoint, or beneath it one of its parts."""

    health: EndpointHealth
    part: EndpointState | None = None
    """None for the endpoint itself."""

    @property
    def key(self) -> str:
        """What identifies the line."""
        return f"{self.health.name}\0{self.part.part if self.part else ''}"

    @property
    def name(self) -> str:
        """What it is called: a part stands beneath its endpoint."""
        if self.part is not None:
            return f"  {self.part.part}"
        return f"{self.health.name} · {self.health.title}"

    @property
    def state(self) -> str:
        """How it does, in a word."""
        if not self.health.on:
            return "off"
        if self.health.is_paused:
            return "paused"
        if self.part is None:
            worst = self.health.worst
            return state_of(worst) if worst else _best(self.health)
        return state_of(self.part)

    @property
    def states(self) -> tuple[EndpointState, ...]:
        """The parts that it stands for."""
        return self.health.parts if self.part is None else (self.part,)


def lines_of(endpoints: tuple[EndpointHealth, ...]) -> list[EndpointLine]:
    """Return every endpoint with its parts, those that fail first."""
    order = sorted(endpoints, key=lambda one: (one.worst is None, not one.on, one.name))
    return [
        line
        for one in order
        for line in (EndpointLine(one), *(EndpointLine(one, part) for part in one.parts))
    ]


def state_of(part: EndpointState) -> str:
    """Return how a part does, in a word."""
    if part.error:
        return "failing" if part.state is PollState.CLOSED else "left alone"
    if part.tried_ms is None:
        return "waiting"
    return "nothing" if part.note else "polled"


def _best(health: EndpointHealth) -> str:
    states = {state_of(part) for part in health.parts}
    return next((state for state in ("polled", "nothing") if state in states), "waiting")


def told_of(line: EndpointLine) -> str:
    """Return what it says: what failed, else why it is silent, else its gauges and sums."""
    part = line.part
    if part is None:
        worst = line.health.worst
        if worst is not None:
            return f"{worst.part}: {worst.error}"
        gauges = [gauge_words(one) for one in line.health.gauges]
        sums = [f"{one.report}: {sum_words(one)}" for one in line.health.sums]
        return " · ".join((*gauges, *sums)) or line.health.address
    if part.error:
        return f"{part.error} · {counted(part.failures, 'failure')} in a row"
    bad = counted(part.bad, "unreadable record") if part.bad else ""
    return part.note or bad


def gauge_words(one: Measure) -> str:
    """Return a gauge in few words."""
    value = f"{one.value:,.0f}"
    if one.unit == "share":
        value = fmt.percent(one.value)
    elif one.unit == "usd":
        value = fmt.money(round(one.value * 1_000_000_000))
    elif one.unit == "s":
        value += " s"
    elif one.unit in ("tokens", "bytes"):
        value = (fmt.count if one.unit == "tokens" else fmt.size)(round(one.value))
    of = " ".join(text for tag, text in one.tags if tag != "endpoint")
    return f"{GAUGES[one.name]} {value}{f' ({of})' if of else ''}"


def sum_words(one: ReportSum) -> str:
    """Return what a report sums up to."""
    tokens, nano = one.tokens, one.cost_nano
    told = f"{fmt.count(tokens)} tokens" if tokens or nano is None else ""
    return ", ".join(filter(None, (told, "" if nano is None else fmt.money(nano))))


def newest_of(states: tuple[EndpointState, ...], name: str) -> int | None:
    """Return the latest of an instant over parts."""
    found = [at for state in states if (at := getattr(state, name)) is not None]
    return max(found, default=None)


def since(at_ms: int | None, now_ms: int) -> str:
    """Return how long ago an instant was."""
    if at_ms is None:
        return fmt.NOTHING
    return fmt.age(instant(min(at_ms, now_ms)), instant(now_ms))


def until(line: EndpointLine, now_ms: int) -> str:
    """Return in how long something is asked next."""
    if line.state in ("off", "paused") or not line.states:
        return fmt.NOTHING
    next_ms = min(state.next_ms for state in line.states)
    return "now" if next_ms <= now_ms else fmt.age(instant(now_ms), instant(next_ms))

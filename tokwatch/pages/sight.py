"""What a page is made from: a store, a moment and the rules; and what a screen asks for."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from msgspec import Struct

from tokwatch.analysis.ranges import Range
from tokwatch.analysis.session_rows import RowRules
from tokwatch.config import Config
from tokwatch.model.calendar import Calendar
from tokwatch.model.snapshot import Span
from tokwatch.model.units import QUARTER_MS
from tokwatch.model.usage import CostMode, Slice
from tokwatch.store.view import View

if TYPE_CHECKING:
    from tokwatch.model.detail import DetailReading
    from tokwatch.model.worker import WorkerState


class Sight(Struct, frozen=True):
    """The store at one moment: a page is a pure function of it and of what was asked."""

    view: View
    config: Config
    at_ms: int
    """The moment that is shown: now, or the end of the range that the user moved to."""
    now_ms: int
    span: Span
    range: Range
    calendar: Calendar
    zone_name: str
    zone: tzinfo
    rows: RowRules
    """What lines about sessions depend on, as configured."""
    detail: DetailReading | None = None
    """How far the session that an `OpenedAsk` opened is read; None where another process reads."""

    workers: tuple[WorkerState, ...] = ()
    """How the threads of this process do."""
    past: int | None = None
    """Another number once anything before today is another; None where that is not known."""

    @property
    def mode(self) -> CostMode:
        """Which of the two costs counts."""
        return CostMode(self.config.prices.mode)

    @property
    def slice(self) -> Slice:
        """The shown range, from the quarter of an hour in which it begins."""
        return Slice(self.range.start_ms // QUARTER_MS * QUARTER_MS, self.at_ms + 1)


class Ask(Protocol):
    """What a screen wants to see; frozen, so that equal questions are one question."""

    def answer(self, sight: Sight) -> object:
        """Return the page, a frozen value; called in the thread that makes pictures."""
        ...


@runtime_checkable
class OpenedAsk(Protocol):
    """A question about one session: its detail is read at once and followed while it is asked."""

    @property
    def opened(self) -> tuple[str, str]:
        """Return its source and id."""
        ...


@runtime_checkable
class Growing(Protocol):
    """An answer of which a part may be missing: the next one to the same question has more."""

    @property
    def goes_on(self) -> bool:
        """Tell whether more is to come without anything new."""
        ...


def opened_by(ask: Ask | None) -> tuple[str, str] | None:
    """Return the session (source, id) that a question opens."""
    return ask.opened if isinstance(ask, OpenedAsk) else None

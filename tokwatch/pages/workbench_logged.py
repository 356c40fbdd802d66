"""Where a logged text stands, for the workbench: the log, its offsets, and the cache it is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tokwatch.model.detail import Block, Part
from tokwatch.model.session import SessionRequest
from tokwatch.model.units import OPEN_END_MS
from tokwatch.pages.sight import Sight
from tokwatch.store.read.every import SessionDetail, session_detail, session_requests
from tokwatch.workbench.state import Cached

UNKNOWN = "Its log is no longer known: it was pruned, or lies elsewhere."
UNREAD = "Its log holds no conversation that can be read here."


@dataclass(frozen=True, slots=True)
class LoggedPage:
    """What is to be read from which log, or why that cannot be."""

    source: str
    path: str = ""
    offsets: tuple[int, ...] = ()
    chars: int | None = None
    """Of the one block that is asked for; None for a conversation."""
    model: str = ""
    project: str = ""
    cached: Cached | None = None
    problem: str = ""
    is_reading: bool = False
    """Whether the log is still being read: the answer comes later."""


@dataclass(frozen=True, slots=True)
class LoggedAsk:
    """Asks for an agent's context, up to a request where one is named; or for one block of it."""

    source: str
    session: str
    agent: str = ""
    event_key: int = 0
    block: int | None = None
    """Offset of the block's record."""
    chars: int = 0

    @property
    def opened(self) -> tuple[str, str]:
        """Return source and session: its detail is read at once."""
        return self.source, self.session

    def answer(self, sight: Sight) -> LoggedPage:
        """Return what is to be read."""
        requests = [
            one
            for one in session_requests(sight.view, self.source, (self.session,), OPEN_END_MS)
            if one.cached.agent == self.agent
        ]
        if self.event_key:
            places = [n for n, one in enumerate(requests) if one.key == self.event_key]
            requests = requests[: places[0] + 1] if places else requests
        detail = session_detail(sight.view, self.source, self.session)
        path = detail.log_of(self.agent)
        reading = sight.detail
        if reading is not None and not reading.is_whole:
            return LoggedPage(self.source, is_reading=True)
        if not path:
            return LoggedPage(self.source, problem=UNKNOWN if not detail.logs else UNREAD)
        held = _held(detail, self.agent, requests[-1].instant_ms if requests else OPEN_END_MS)
        if self.block is not None:
            after = sum(one.tokens for one in held if one.offset > self.block)
            return self._page(path, (self.block,), requests, after, self.chars)
        offsets = tuple(dict.fromkeys(one.offset for one in held))
        if not offsets:
            return LoggedPage(self.source, problem=UNREAD)
        return self._page(path, offsets, requests, 0, None)

    def _page(
        self,
        path: str,
        offsets: tuple[int, ...],
        requests: Sequence[SessionRequest],
        after: int,
        chars: int | None,
    ) -> LoggedPage:
        if not requests:
            return LoggedPage(self.source, path, offsets, chars)
        last = requests[-1]
        is_hour = any(one.cached.cache_write_1h for one in requests)
        cached = Cached(last.instant_ms, after, requests=len(requests), is_hour=is_hour)
        model = last.cached.model
        return LoggedPage(self.source, path, offsets, chars, model, last.cached.project, cached)


def _held(detail: SessionDetail, agent: str, until_ms: int) -> list[Block]:
    """Return the blocks that an agent's context holds at an instant, in their order."""
    cuts = [one for one in detail.compactions if one.agent == agent and one.instant_ms <= until_ms]
    cut = max(cuts, key=lambda one: one.offset, default=None)
    return [
        one
        for one in detail.blocks
        if one.agent == agent
        and one.instant_ms <= until_ms
        and one.part not in (Part.SYSTEM, Part.IMAGE)
        and (
            cut is None
            or one.offset >= cut.offset
            or (cut.keeps_from is not None and one.number >= cut.keeps_from)
        )
    ]

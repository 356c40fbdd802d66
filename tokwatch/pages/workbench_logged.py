"""Where a logged text stands, for the workbench: the log, its offsets, and the cache it is in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.model.detail import Block, Part, digest_of
from tokwatch.model.session import SessionRequest
from tokwatch.model.units import OPEN_END_MS
from tokwatch.pages.sight import Sight
from tokwatch.store.read.every import SessionDetail, session_detail, session_requests

if TYPE_CHECKING:
    from tokwatch.workbench.state import Cached

UNKNOWN = "Its log is no longer known: it was pruned, or lies elsewhere."
GONE = "It is no longer in that conversation's context: a compaction took it out."
TEXT, MEMORY = "text", "memory"
UNREAD = "Its log holds no conversation that can be read here."


class LoggedPage(Struct, frozen=True):
    """What is to be read from which log, or why that cannot be."""

    source: str
    path: str = ""
    offsets: tuple[int, ...] = ()
    chars: int | None = None
    """Of the one block that is asked for; None for a conversation."""
    part: Part | None = None
    """What that block is."""
    model: str = ""
    project: str = ""
    cached: Cached | None = None
    problem: str = ""
    is_reading: bool = False
    """Whether the log is still being read: the answer comes later."""


class LoggedAsk(Struct, frozen=True):
    """Asks for an agent's context, up to a request where one is named; or for one block of it.

    The block is named by where it stands, or by what it is.
    """

    source: str
    session: str
    agent: str = ""
    event_key: int = 0
    block: int | None = None
    """Offset of the block's record."""
    chars: int = 0
    text: str = ""
    """What block: "text" and the digest of one of the user's in hexadecimal, or "memory"."""

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
        at, chars = self.block, self.chars
        if self.text:
            found = _named(held, self.text)
            if found is None:
                return LoggedPage(self.source, problem=GONE)
            at, chars = found.offset, found.chars
        if at is not None:
            after = sum(one.tokens for one in held if one.offset > at)
            part = next((one.part for one in held if (one.offset, one.chars) == (at, chars)), None)
            return replace(self._page(path, (at,), requests, after, chars), part=part)
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
        # Screens that only lead to the workbench open without its stages.
        from tokwatch.workbench.state import Cached

        last = requests[-1]
        is_hour = any(one.cached.cache_write_1h for one in requests)
        cached = Cached(last.instant_ms, after, requests=len(requests), is_hour=is_hour)
        model = last.cached.model
        project = last.cached.project
        return LoggedPage(
            self.source, path, offsets, chars, model=model, project=project, cached=cached
        )


def _named(held: Iterable[Block], text: str) -> Block | None:
    """Return the newest text of a digest, or the largest memory file; None where it is gone."""
    if text == MEMORY:
        files = [one for one in held if one.part is Part.MEMORY]
        return max(files, key=lambda one: one.tokens, default=None)
    digest = text.removeprefix(f"{TEXT} ")
    users = [one for one in held if one.part is Part.USER and digest_of(one.digest) == digest]
    return users[-1] if users else None


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

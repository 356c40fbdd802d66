"""What the command palette finds: sessions, projects, models, themes, and instants to go to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from tokwatch.ui import format as fmt
from tokwatch.ui.places import PLACES
from tokwatch.ui.screens.listed import ListScreen
from tokwatch.ui.screens.paged import PageScreen

if TYPE_CHECKING:
    from tokwatch.ui.app import TokwatchApp

Command = tuple[str, str, Callable[[], None]]
"""What is shown, what it does in words, and what it does."""

INSTANT: Final = re.compile(r"(?:(\d{4})-(\d\d?)-(\d\d?))?[ T]*(?:(\d\d?):(\d\d))?$")


def instant_of(text: str, now: datetime, zone_name: str) -> datetime | None:
    """Return the last instant before now that a date, a time of day or both may mean."""
    found = INSTANT.fullmatch(text.strip())
    if not found or not text.strip():
        return None
    year, month, day, hour, minute = found.groups()
    local = now.astimezone(fmt.zone(zone_name))
    try:
        instant = local.replace(
            hour=int(hour or 0), minute=int(minute or 0), second=0, microsecond=0, fold=0
        )
        if year:
            instant = instant.replace(year=int(year), month=int(month), day=int(day))
            if hour is None:
                instant += timedelta(days=1)
    except ValueError:
        return None
    if instant > local and not year:
        instant -= timedelta(days=1)
    return min(instant.astimezone(UTC), now)


class Commands(Provider):
    """Everything that can be reached by name."""

    @property
    def tokwatch(self) -> TokwatchApp:
        """The application, as what it is."""
        return cast("TokwatchApp", self.app)

    def commands(self) -> Iterator[Command]:
        """Return what there is to find at this moment."""
        snapshot = self.tokwatch.snapshot
        if snapshot is not None and isinstance(self.screen, ListScreen):
            screen, titles = self.screen, self.screen.sessions.titles
            for row in snapshot.sessions:
                name = fmt.clean(f"{row.label} {row.project} {titles.get(row.key, '')}").strip()
                yield f"Session {name}", "Select the session", partial(screen.find, row.key)
            for kind in ("project", "model"):
                for value in sorted({fmt.clean(getattr(row, kind)) for row in snapshot.sessions}):
                    if value:
                        choose = partial(screen.set_filter, f'{kind}:"{value}"')
                        yield f"{kind.title()} {value}", f"List only this {kind}", choose
        if isinstance(self.screen, PageScreen):
            yield from self.screen.commands()
        for place in PLACES:
            go = partial(self.tokwatch.action_place, place.id)
            yield f"Go to {place.name}", f"Open the screen; its key is {place.key}", go
        yield (
            "Reconcile logs with reports",
            "Set them beside what gateways and providers tell; its key is v on Sources",
            self._reconcile,
        )
        for theme in self.tokwatch.theme_names:
            choose = partial(setattr, self.app, "theme", theme)
            yield f"Theme {theme}", "Draw everything in this theme", choose

    def _reconcile(self) -> None:
        from tokwatch.ui.screens.reconcile import open_reconciliation

        self.tokwatch.call_later(open_reconciliation, self.tokwatch)

    async def discover(self) -> Hits:
        """Return what can be done without typing a word."""
        for name, words, run in self.commands():
            if not name.startswith("Session"):
                yield DiscoveryHit(Content(name), run, text=name, help=words)

    async def search(self, query: str) -> Hits:
        """Return what matches, an instant first."""
        snapshot = self.tokwatch.snapshot
        if snapshot is not None:
            instant = instant_of(query, self.tokwatch.clock(), snapshot.zone)
            if instant is not None:
                name = f"Go to {fmt.moment(instant, self.tokwatch.now, snapshot.zone)}"
                go = partial(self.tokwatch.show, snapshot.span, instant)
                yield Hit(1.0, Content(name), go, text=name, help="Show the range that ends there")
                name = name.replace("Go to", "Replay from")
                replay = partial(self.tokwatch.begin_replay, instant)
                yield Hit(
                    0.9, Content(name), replay, text=name, help="Let the past run on from there"
                )
        matcher = self.matcher(query)
        for name, words, run in self.commands():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, Content(name), run, text=name, help=words)

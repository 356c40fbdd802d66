"""What the screen draws: one frozen picture of one moment, built by the monitor."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from tokwatch.model.alert import Alert
from tokwatch.model.standing import Standing
from tokwatch.model.suggestion import NO_SAVINGS, Savings
from tokwatch.model.usage import NO_USAGE, Usage

if TYPE_CHECKING:
    from tokwatch.model.gateway import Gateway

EPOCH = datetime.fromtimestamp(0, UTC)


class Span(StrEnum):
    """The time ranges that the screen offers."""

    HOUR = "1h"
    HOURS = "4h"
    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"
    ALL = "all"


class SourceMode(StrEnum):
    """How a source is followed."""

    LIVE = "live"
    """Change notices arrive, a sweep checks them."""
    POLLING = "polling"
    ABSENT = "absent"
    """None of its folders exists yet."""
    ENDPOINT = "endpoint"
    """None of its folders exists, but an endpoint tells its requests."""
    ERROR = "error"


class SessionState(StrEnum):
    """Where a session stands."""

    LIVE = "live"
    IDLE = "idle"
    ENDED = "ended"


class RootStatus(Struct, frozen=True):
    """A folder that was looked at, and whether it is there."""

    path: str
    found: bool
    error: str = ""


class SourceStatus(Struct, frozen=True):
    """How one source does: for the header, the first-run page and the health pane."""

    name: str
    title: str
    mode: SourceMode
    roots: tuple[RootStatus, ...] = ()
    files: int = 0
    events: int = 0
    bad_lines: int = 0
    error: str = ""
    last_event: datetime | None = None
    endpoints: tuple[str, ...] = ()
    """Those that tell single requests of it."""


class Progress(Struct, frozen=True):
    """How far history has been read."""

    done_bytes: int
    total_bytes: int
    files_left: int


class Spend(Struct, frozen=True):
    """Tile: what the shown day has cost, against the usual."""

    usage: Usage = NO_USAGE
    cost_nano: int = 0
    times_usual: float | None = None
    """Against the mean of the earlier active days, same time of day; None without history."""
    trend_nano: tuple[int, ...] = ()
    """Cost by hour of the shown day, oldest first."""


class Burn(Struct, frozen=True):
    """Tile: dollars per hour over the last minutes."""

    nano_per_hour: int = 0
    peak_nano_per_hour: int = 0
    tokens_per_minute: int = 0
    trend_nano: tuple[int, ...] = ()
    minutes: int = 5


class CacheRate(Struct, frozen=True):
    """Tile: cache reads as a share of prompt tokens, over the shown day."""

    rate: float | None = None
    change_points: float | None = None
    """The last hour against the day before it, in percentage points."""
    trend: tuple[float | None, ...] = ()


class Forecast(Struct, frozen=True):
    """Tile: where the day ends at the present pace. An estimate, always marked so."""

    end_of_day_nano: int | None = None
    low_nano: int | None = None
    high_nano: int | None = None
    block_nano: int | None = None
    """Spent in the active five-hour block; None without one."""
    block_end: datetime | None = None
    block_forecast_nano: int | None = None
    week_nano: int = 0
    month_nano: int = 0


class Series(Struct, frozen=True):
    """One model's spending in the chart: a value for each bucket."""

    name: str
    nano: tuple[int, ...]


class Chart(Struct, frozen=True):
    """Spending over time by model: at most five series, the last may be "other"."""

    start: datetime = EPOCH
    bucket_seconds: int = 60
    series: tuple[Series, ...] = ()


class Spike(Struct, frozen=True):
    """A stretch of the chart that cost far more than this user's hours usually do."""

    since: datetime
    until: datetime
    nano: int
    model: str
    """The dearest one, and its share of the cost."""
    model_share: float
    project: str
    """The dearest one."""


class Context(Struct, frozen=True):
    """How full a session's context window is after its last request."""

    tokens: int
    window: int
    basis: str
    """How the window's size is known: "logged", "configured", "inferred", "settings" or
    "table"."""
    share: float
    level: str
    """"ok", "warning" or "critical", by the configured thresholds."""


class SessionRow(Struct, frozen=True):
    """One line of the session table: a session, or a sub-agent beneath it."""

    key: str
    """Identifies the row between snapshots: source, session and agent."""
    source: str
    session: str
    agent: str
    label: str
    """Short id, or the kind of sub-agent; never text of a prompt."""
    depth: int
    project: str
    model: str
    cost_nano: int
    nano_per_hour: int
    usage: Usage
    hidden: Usage | None
    context: Context | None
    trend_nano: tuple[int, ...]
    """Cost over the last 30 minutes, oldest first."""
    state: SessionState
    last: datetime
    resume: str
    """The tool's command that resumes the session; empty where there is none."""
    path: str = ""
    """The session's log, from which its title is read for visible rows only."""


class Page(Struct, frozen=True):
    """What a screen beyond the overview shows: the question, and its answer."""

    ask: object
    content: object


class Snapshot(Struct, frozen=True):
    """Everything that the overview shows, at one moment."""

    now: datetime = EPOCH
    zone: str = "UTC"
    day: str = ""
    """The day that the tiles are about, ISO."""
    is_today: bool = True
    """False when nothing was used today and the last active day is shown in its place."""
    span: Span = Span.HOURS
    until: datetime | None = None
    """End of the shown range when the user moved in time; None follows now."""
    spend: Spend = Spend()
    burn: Burn = Burn()
    cache: CacheRate = CacheRate()
    forecast: Forecast = Forecast()
    chart: Chart = Chart()
    spikes: tuple[Spike, ...] = ()
    """Of the chart's range, the oldest first."""
    sessions: tuple[SessionRow, ...] = ()
    sessions_in_range: int = 0
    sessions_live: int = 0
    alerts: tuple[Alert, ...] = ()
    """Those that are not over, the newest first."""
    savings: Savings = NO_SAVINGS
    sources: tuple[SourceStatus, ...] = ()
    progress: Progress | None = None
    empty: bool = True
    """True when the store holds no event at all."""
    unpriced_models: tuple[str, ...] = ()
    lower_bound_share: float = 0.0
    """Share of the shown requests whose counts are lower bounds."""
    derived_share: float = 0.0
    """Share of the shown requests whose counts are derived from totals."""
    follower_of: int | None = None
    """Process id of the tokwatch that ingests, when it is another one."""
    error: str = ""
    is_hasty: bool = False
    """True of the first picture: it waits for no alerts, savings, budgets and gateways."""
    budget: Standing | None = None
    """The budget of which the smallest share is left; None where none is set."""
    gateways: tuple[Gateway, ...] = ()
    """The endpoints that are polled, what fails first; empty without any, and of the past."""
    page: Page | None = None
    """What the open screen asked for; None on the overview."""
    version: int = 0
    """Grows with each picture that differs from the one before."""


EMPTY = Snapshot()

"""The settings, one frozen struct for each section of config.toml; no reading of files here.

Here and where tables of a section are defined annotations are not postponed: msgspec would compile
each of these texts at every start.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from tokwatch.config.alerting import Alerts, Notify
from tokwatch.config.budgets import BudgetTable, GoalTable, SplitTable
from tokwatch.config.endpoints import EndpointTable
from tokwatch.config.mapping import Mapping
from tokwatch.config.names import TableName
from tokwatch.config.status_line import StatusLine
from tokwatch.config.suggesting import Suggestions
from tokwatch.config.workbench import Workbench
from tokwatch.errors import TokwatchError
from tokwatch.model.usage import CostMode
from tokwatch.zones import find_zone

Share = Annotated[float, Meta(ge=0.1, le=1)]
Name = Annotated[str, Meta(min_length=1)]
Window = Annotated[int, Meta(ge=1_000, le=100_000_000)]
Rate = Annotated[float, Meta(ge=0, le=1_000_000)]
TokenRate = Annotated[int, Meta(ge=1_000, le=1_000_000_000)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Level = Literal["debug", "info", "warning", "error"]
URL_SCHEMES = ("postgresql", "sqlite")


class Section(Struct, frozen=True, forbid_unknown_fields=True):
    """A table of config.toml; the defaults are those of the file."""


class General(Section, frozen=True):
    timezone: str = ""
    workspace: Name = "local"
    user: str = ""
    machine: str = ""

    def __post_init__(self) -> None:
        if self.timezone:
            try:
                find_zone(self.timezone)
            except TokwatchError as error:
                raise ValueError(f"timezone: {error.message.removesuffix('.')}") from None


class Store(Section, frozen=True):
    url: str = ""

    def __post_init__(self) -> None:
        scheme, separator, _ = self.url.partition("://")
        if self.url and (not separator or scheme.partition("+")[0] not in URL_SCHEMES):
            raise ValueError('url must be "" or begin with postgresql:// or sqlite:///')


class Sources(Section, frozen=True):
    only: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    paths: dict[str, tuple[str, ...]] = {}
    active_hours: Annotated[float, Meta(ge=1, le=720)] = 24
    sweep_seconds: Annotated[float, Meta(ge=0.2, le=60)] = 2
    walk_seconds: Annotated[float, Meta(ge=1, le=3_600)] = 30
    max_line_mb: Annotated[int, Meta(ge=1, le=1_024)] = 64

    def __post_init__(self) -> None:
        both = sorted(set(self.only) & set(self.off))
        if both:
            raise ValueError(f"{both[0]!r} stands in only and in off")


class Price(Section, frozen=True):
    """Dollars per million tokens; None where the known price stands."""

    input: Rate | None = None
    output: Rate | None = None
    cache_read: Rate | None = None
    cache_write_5m: Rate | None = None
    cache_write_1h: Rate | None = None


class Prices(Section, frozen=True):
    mode: CostMode = CostMode.AUTO
    update: bool = True
    timeout_seconds: Annotated[float, Meta(ge=1, le=60)] = 5
    override: dict[str, Price] = {}
    alias: dict[str, Name] = {}


class Plan(Section, frozen=True):
    subscription: bool = False


class Context(Section, frozen=True):
    warning: Share = 0.75
    critical: Share = 0.85
    max_messages: Annotated[int, Meta(ge=1, le=10_000)] = 50
    max_tokens: Annotated[int, Meta(ge=100, le=10_000_000)] = 50_000
    safety_margin: Annotated[float, Meta(ge=0.5, le=1)] = 0.9
    reserve_tokens: Annotated[int, Meta(ge=0, le=200_000)] = 2_000
    windows: dict[str, Window] = {}

    def __post_init__(self) -> None:
        if self.warning > self.critical:
            raise ValueError(f"warning ({self.warning:g}) is above critical ({self.critical:g})")


class Limits(Section, frozen=True):
    tokens_per_minute: TokenRate = 400_000
    backoff_at: Share = 0.8
    of: dict[str, TokenRate] = {}
    estimate: bool = False


class ResponseCache(Section, frozen=True):
    small_items: Annotated[int, Meta(ge=1, le=1_000_000)] = 100
    large_items: Annotated[int, Meta(ge=1, le=1_000_000)] = 1_000
    max_mb: Annotated[int, Meta(ge=1, le=100_000)] = 100
    ttl_seconds: Annotated[int, Meta(ge=1, le=2_592_000)] = 3_600

    def __post_init__(self) -> None:
        if self.small_items > self.large_items:
            raise ValueError(
                f"small_items ({self.small_items}) is above large_items ({self.large_items})"
            )


class Session(Section, frozen=True):
    warning_usd: Annotated[float, Meta(ge=0, le=100_000)] = 10
    critical_usd: Annotated[float, Meta(ge=0, le=100_000)] = 50

    def __post_init__(self) -> None:
        if self.warning_usd > self.critical_usd:
            raise ValueError(
                f"warning_usd ({self.warning_usd:g}) is above critical_usd ({self.critical_usd:g})"
            )


class Chunk(Section, frozen=True):
    tokens: Annotated[int, Meta(ge=50, le=100_000)] = 500
    examples: Annotated[int, Meta(ge=0, le=100)] = 2


class Summary(Section, frozen=True):
    messages: Annotated[int, Meta(ge=2, le=1_000)] = 20
    words: Annotated[int, Meta(ge=20, le=5_000)] = 200


class Tokens(Section, frozen=True):
    chars_per_token: Annotated[float, Meta(ge=1, le=10)] = 4
    tokenizer: dict[str, str] = {}


class Detail(Section, frozen=True):
    days: Annotated[int, Meta(ge=0, le=36_500)] = 7


class Retention(Section, frozen=True):
    events_days: Annotated[int, Meta(ge=0, le=36_500)] = 0


class Blocks(Section, frozen=True):
    hours: Annotated[int, Meta(ge=1, le=24)] = 5


class Burn(Section, frozen=True):
    minutes: Annotated[int, Meta(ge=1, le=60)] = 5


class Week(Section, frozen=True):
    starts: Weekday = "monday"


class Ui(Section, frozen=True):
    theme: Name = "tokwatch-dark"
    titles: bool = True
    mouse: bool = True
    refresh_hz: Annotated[float, Meta(ge=1, le=30)] = 20


class Log(Section, frozen=True):
    level: Level = "info"
    max_mb: Annotated[int, Meta(ge=1, le=1_000)] = 5
    keep: Annotated[int, Meta(ge=0, le=100)] = 3


class Settings(Section, frozen=True):
    """All of config.toml."""

    general: General = General()
    store: Store = Store()
    sources: Sources = Sources()
    mapping: dict[TableName, Mapping] = {}
    endpoint: dict[TableName, EndpointTable] = {}
    prices: Prices = Prices()
    plan: Plan = Plan()
    context: Context = Context()
    limits: Limits = Limits()
    budget: dict[TableName, BudgetTable] = {}
    split: dict[TableName, SplitTable] = {}
    goal: dict[TableName, GoalTable] = {}
    statusline: StatusLine = StatusLine()
    response_cache: ResponseCache = ResponseCache()
    session: Session = Session()
    chunk: Chunk = Chunk()
    summary: Summary = Summary()
    tokens: Tokens = Tokens()
    workbench: Workbench = Workbench()
    detail: Detail = Detail()
    retention: Retention = Retention()
    blocks: Blocks = Blocks()
    burn: Burn = Burn()
    week: Week = Week()
    alerts: Alerts = Alerts()
    notify: Notify = Notify()
    suggestions: Suggestions = Suggestions()
    ui: Ui = Ui()
    keys: dict[str, str] = {}
    log: Log = Log()

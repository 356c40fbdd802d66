"""The `[suggestions]` table: when to look for savings, and what is worth telling."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Money = Annotated[float, Meta(ge=0, le=1_000_000)]
Share = Annotated[float, Meta(ge=0, le=1)]
Tokens = Annotated[int, Meta(ge=1, le=100_000_000)]
Count = Annotated[int, Meta(ge=1, le=100_000)]
SeverityName = Literal["notice", "warning", "critical", "never"]


class Section(Struct, frozen=True, forbid_unknown_fields=True):
    """A table of these settings."""


class Pin(Section, frozen=True):
    """Work of which the quality must not suffer."""

    quality: Literal["critical"] = "critical"
    project: str = ""
    agent: str = ""
    model: str = ""

    def __post_init__(self) -> None:
        if not (self.project or self.agent or self.model):
            raise ValueError("a pin names a project, an agent or a model")


class Suggestions(Section, frozen=True):
    """When to look for savings, and what is worth telling."""

    on: bool = True
    days: Annotated[int, Meta(ge=1, le=365)] = 30
    minutes: Annotated[int, Meta(ge=1, le=1_440)] = 5
    requests: Annotated[int, Meta(ge=100, le=1_000_000)] = 40_000
    high_use_tokens: Annotated[int, Meta(ge=0, le=10**12)] = 2_000_000
    high_cost_usd: Money = 2
    low_efficiency: Share = 0.6
    repetition: Share = 0.05
    least_usd_month: Money = 1
    least_share: Share = 0.01
    least_requests: Count = 5
    notify: SeverityName = "critical"
    warning_share: Share = 0.1
    critical_share: Share = 0.25
    easy_up_to: Share = 0.35
    compact_at_tokens: Tokens = 120_000
    result_tokens: Tokens = 4_000
    shell_tokens: Tokens = 2_000
    memory_tokens: Tokens = 3_000
    template_tokens: Tokens = 1_000
    answer_tokens: Tokens = 1_000
    loop_calls: Annotated[int, Meta(ge=2, le=100)] = 3
    slow_times: Annotated[float, Meta(ge=1.1, le=100)] = 2
    low_cache_rate: Share = 0.2
    low_success_rate: Share = 0.9
    verdict_requests: Count = 50
    verdict_days: Annotated[float, Meta(ge=0, le=365)] = 2
    pins: dict[str, Pin] = {}

    def __post_init__(self) -> None:
        if self.warning_share > self.critical_share:
            raise ValueError(
                f"warning_share ({self.warning_share:g}) is above critical_share "
                f"({self.critical_share:g})"
            )

"""The `[alerts]`, `[alerts.rules]` and `[notify]` tables: what alerts, and who is told how."""

import re
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct, field

from tokwatch.config.measures import SCOPED
from tokwatch.config.names import RuleName

SeverityName = Literal["notice", "warning", "critical"]
Amount = Annotated[float, Meta(ge=0, le=1e15)]
# As texts: a start need not wait for them to be compiled.
_CLOCK: Final = r"([01]\d|2[0-3]):[0-5]\d"
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


class Section(Struct, frozen=True, forbid_unknown_fields=True):
    """A table of these settings."""


class Rule(Section, frozen=True):
    """When to alert; docs/alerts.md has the measures that an expression may name."""

    when: str = ""
    threshold: Amount | None = None
    clear: Amount | None = None
    """The level at which it closes; without one 80 % of the threshold."""
    severity: SeverityName = "warning"
    on: bool = True
    minutes: Annotated[float, Meta(ge=0, le=1440)] = 0
    """It must hold for so long before it alerts."""
    projects: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    users: tuple[str, ...] = ()


def _rule(when: str, threshold: float, severity: SeverityName = "warning", **more: float) -> Rule:
    return Rule(when, threshold, severity=severity, minutes=more.get("minutes", 0))


_BUDGET: Final = "budget_share >= threshold"
_MUCH_SPEND: Final = (
    "spend_times_usual > threshold and spend_over_scatter > 1 and spend_above_usual_usd > 1"
)
_MANY_TOKENS: Final = (
    "tokens_times_usual > threshold and tokens_over_scatter > 1 and tokens_per_hour > 1000000"
)
_BURNS: Final = "burn_usd_per_hour > threshold and burn_times_usual > 5 and burn_over_scatter > 1.7"
_ENOUGH_CACHE: Final = "known_prompt_tokens >= 500000"
DEFAULTS: Final = {
    "budget-50": _rule(_BUDGET, 0.5, "notice"),
    "budget-80": _rule(_BUDGET, 0.8, "notice"),
    "budget-90": _rule(_BUDGET, 0.9),
    "budget-100": _rule(_BUDGET, 1, "notice"),
    "spend-spike": _rule(_MUCH_SPEND, 3),
    "token-spike": _rule(_MANY_TOKENS, 3),
    "cache-low": _rule(f"cache_hit_rate < threshold and {_ENOUGH_CACHE}", 0.2, minutes=10),
    "cache-drop": _rule("session_cache_drop > threshold", 30),
    "session-cost": _rule("session_cost_usd > threshold", 10),
    "session-cost-high": _rule("session_cost_usd > threshold", 50, "critical"),
    "context-high": _rule("context_share > threshold", 0.75),
    "context-full": _rule("context_share > threshold", 0.85, "critical"),
    "burn": _rule(_BURNS, 25, minutes=10),
    "runaway": _rule("turn_requests > threshold and turn_cost_usd > 5", 100, "critical"),
    "tool-loop": _rule("loop_calls >= threshold", 6),
    "rewrite": _rule("rewritten_tokens > threshold", 100_000, "notice"),
    "tokens-per-minute": _rule("tokens_per_minute_share > threshold", 0.8),
    "quota-pace": _rule("quota_pace > threshold and quota_share > 0.5", 1.2),
    "quota-full": _rule("quota_share > threshold", 0.9, "critical"),
    "source-failing": _rule("source_failing >= threshold", 1),
    "source-silent": _rule("source_silent_days > threshold", 4, "notice"),
    "endpoint-failing": _rule("endpoint_failing >= threshold", 1),
    "unpriced-model": _rule("unpriced_tokens > threshold", 0),
    "estimate-error": _rule("estimate_error > threshold and estimated_requests >= 20", 0.2),
    "token-estimate-error": _rule(
        "token_estimate_error > threshold and token_estimate_pairs >= 20", 0.2, "notice"
    ),
    "error-rate": _rule("error_rate > threshold and attempts >= 20", 0.05),
    "retry-rate": _rule("retry_rate > threshold and attempts >= 20", 0.05),
    "rate-limit": _rule("rate_limit_errors > threshold", 0),
    "latency": _rule("latency_p90_seconds > threshold and timed_requests >= 20", 120),
    "response-cache-low": _rule(
        "response_cache_hit_rate < threshold and response_requests >= 20", 0.2, "notice"
    ),
    "optimisation-failures": _rule(
        "optimisation_failure_rate > threshold and optimisations >= 20", 0.05
    ),
}
"""The rules of config.toml; a test holds the two together."""


def _defaults() -> dict[str, Rule]:
    return dict(DEFAULTS)


class Alerts(Section, frozen=True):
    on: bool = True
    snooze_minutes: Annotated[int, Meta(ge=1, le=10_080)] = 60
    flapping_minutes: Annotated[int, Meta(ge=1, le=1440)] = 60
    history_days: Annotated[int, Meta(ge=1, le=36_500)] = 90
    rules: dict[RuleName, Rule] = field(default_factory=_defaults)

    def __post_init__(self) -> None:
        for name, rule in self.rules.items():
            # Those of config.toml are held by a test: a start need not parse them again.
            if rule != DEFAULTS.get(name):
                _check(name, rule)


class Notify(Section, frozen=True):
    banner: bool = True
    toast: bool = True
    title: bool = True
    bell: bool = False
    desktop: bool = False
    webhook: str = ""
    command: tuple[str, ...] = ()
    timeout_seconds: Annotated[float, Meta(ge=1, le=60)] = 10
    least: SeverityName = "warning"
    quiet_from: str = ""
    quiet_until: str = ""

    def __post_init__(self) -> None:
        if self.webhook and not is_safe(self.webhook):
            raise ValueError("webhook must begin with https://, or http:// for this machine alone")
        if bool(self.quiet_from) != bool(self.quiet_until):
            raise ValueError("quiet_from and quiet_until belong together")
        for name in ("quiet_from", "quiet_until"):
            if (text := getattr(self, name)) and not re.fullmatch(_CLOCK, text):
                raise ValueError(f'{name} is a time such as "22:00"')
        if self.command and not self.command[0]:
            raise ValueError("command begins with a program")


def is_safe(url: str) -> bool:
    """Tell whether nobody on the way can read what is sent to an address."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    )


def _check(name: str, rule: Rule) -> None:
    """Raise a ValueError that says what is wrong with a rule."""
    from tokwatch.config.expression import THRESHOLD, parse

    if not rule.when:
        from difflib import get_close_matches

        near = get_close_matches(name, DEFAULTS, 1)
        hint = f"did you mean {near[0]}?" if near else "say when it alerts"
        raise ValueError(f"rules.{name} has no `when`; {hint}")
    try:
        parsed = parse(rule.when)
    except ValueError as error:
        raise ValueError(f"rules.{name}.when: {error}") from None
    if THRESHOLD in re.findall(r"\w+", rule.when) and rule.threshold is None:
        raise ValueError(f"rules.{name} has no `threshold`, which its `when` asks for")
    if parsed.kind not in SCOPED and any((rule.projects, rule.models, rule.agents, rule.users)):
        raise ValueError(f"rules.{name}: a rule about a {parsed.kind} cannot be narrowed")
    if rule.clear is not None and rule.threshold is not None:
        is_beyond = rule.clear > rule.threshold if parsed.above else rule.clear < rule.threshold
        if is_beyond:
            side = "above" if parsed.above else "below"
            raise ValueError(f"rules.{name}: clear ({rule.clear:g}) is {side} its threshold")

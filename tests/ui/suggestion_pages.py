"""Literal suggestions for the tests of their lists."""

from __future__ import annotations

from msgspec.structs import replace

from tests.ui.alert_pages import AT_MS
from tests.ui.alert_pages import PAGE as ALERTS
from tests.ui.alert_pages import SHOWN as ALERTED
from tokwatch.model.alert import Severity
from tokwatch.model.caching import Chain
from tokwatch.model.suggestion import (
    Grade,
    Klass,
    Savings,
    Suggestion,
    SuggestionState,
    TriggerCount,
    Verdict,
)

DAY_MS = 86_400_000
PREFIX = Suggestion(
    "changing-prefix project /code/checkout-svc",
    "changing-prefix",
    "project /code/checkout-svc",
    Severity.CRITICAL,
    "the prompt of checkout-svc changes at its very begin: the system prompt",
    saving_nano_month=183_000_000_000,
    counted_nano_month=183_000_000_000,
    saving_share=0.31,
    confidence=Grade.HIGH,
    risk=Grade.LOW,
    klass=Klass.FIX,
    steps=(
        "Move what changes (a time, a list of files, a counter) behind what stays the same.",
        "Load tools, MCP servers and memory files once, before the first request.",
    ),
    evidence="18 warm caches broken, 18 of 18 at its very begin",
    events=(91, 90),
    requests=18,
    agreed=("low-cache-rate",),
    id=1,
    found_ms=AT_MS,
    seen_ms=AT_MS,
)
UNUSED = replace(
    PREFIX,
    key="unused-tools project /code/infra-tf · MCP server maps",
    kind="unused-tools",
    subject="project /code/infra-tf · MCP server maps",
    severity=Severity.WARNING,
    title="MCP server maps in infra-tf: described in every prompt, never used",
    saving_nano_month=66_000_000_000,
    counted_nano_month=61_000_000_000,
    saving_share=0.04,
    confidence=Grade.MEDIUM,
    steps=("Switch maps off for this project; it can come back when it is needed.",),
    evidence="0 calls in 17 sessions; about 4.1k tokens each",
    events=(81,),
    requests=402,
    agreed=(),
    id=2,
)
CHEAPER = replace(
    UNUSED,
    key="cheaper-model project /code/docs · claude-sonnet-4-5",
    kind="cheaper-model",
    subject="project /code/docs · claude-sonnet-4-5",
    severity=Severity.NOTICE,
    title="claude-haiku-4-5 for the easy 38 of docs's requests to claude-sonnet-4-5",
    saving_nano_month=33_000_000_000,
    counted_nano_month=33_000_000_000,
    saving_share=0.66,
    klass=Klass.NUDGE,
    steps=("Set claude-haiku-4-5 as the model of short sub-agents.",),
    evidence="12 agents with a demand of 0.18 on average; you use it already",
    copies="claude-haiku-4-5",
    discount=0.5,
    id=3,
)
AGENTS = replace(
    CHEAPER,
    key="dear-sub-agents project /code/docs · explore",
    kind="dear-sub-agents",
    title="sub-agents explore of docs cost more than they save",
    saving_nano_month=12_000_000_000,
    counted_nano_month=0,
    confidence=Grade.LOW,
    rather=CHEAPER.key,
    discount=1.0,
    id=4,
)
DONE = replace(
    UNUSED,
    key="shell-cap project /code/tokwatch · shell",
    kind="shell-cap",
    title="cap what commands print in tokwatch at 2k tokens",
    saving_nano_month=0,
    counted_nano_month=0,
    state=SuggestionState.DONE,
    accepted_ms=AT_MS - 6 * DAY_MS,
    promised_nano_month=18_000_000_000,
    rate_before=9_000_000.0,
    rate_after=1_500_000.0,
    after_requests=412,
    realised_nano_month=15_000_000_000,
    verdict=Verdict.WORKED,
    id=5,
)
ALL = (PREFIX, UNUSED, CHEAPER, AGENTS, DONE)
TRIGGERS = (
    TriggerCount("high cost", 3, AT_MS, 41.3, 2.0, True),
    TriggerCount("repetition", 1, AT_MS, 0.02, 0.05, False),
)
PAGE = replace(
    ALERTS,
    suggestions=ALL,
    triggers=TRIGGERS,
    chains=dict(ALERTS.chains) | {91: Chain("claude-code", "7f3a-0000", "")},
)
SHOWN = replace(
    ALERTED,
    savings=Savings(
        tuple((one.title, str(one.confidence), one.saving_nano_month) for one in ALL[:3]),
        *(4, 277_000_000_000),
    ),
)

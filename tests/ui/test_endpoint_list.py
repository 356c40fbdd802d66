"""Endpoints on the screen of sources: what fails first, why, and when it is asked again."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.ui.conftest import MakeApp, feed_of, settle, text_of
from tests.ui.literal import NOW
from tests.ui.source_pages import PAGE, SHOWN
from tests.ui.test_sources_screen import open_sources
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.model.endpoint import EndpointHealth, EndpointState, PollState, ReportSum
from tokwatch.model.measure import Measure
from tokwatch.pages.sources import SourcesPage
from tokwatch.ui import endpoint_words as words
from tokwatch.ui.widgets.endpoint_facts import EndpointFacts
from tokwatch.ui.widgets.endpoint_list import EndpointList

AT_MS = epoch_ms(NOW)
GOOD = EndpointState(
    *("proxy", "metrics", "litellm", PollState.CLOSED, 0, "", "", AT_MS - 4_000, AT_MS - 4_000),
    *(AT_MS + 11_000, AT_MS - 4_000, 120, 91_200, 40, 0),
)  # fmt: skip
NO_DATABASE = replace(GOOD, part="requests", note="this LiteLLM has no database", newest_ms=None)
REFUSED = EndpointState(
    *("openai", "usage", "openai", PollState.OPEN, 3),
    *("answered with status 401: the key is refused", "", AT_MS, None, AT_MS + 840_000),
)  # fmt: skip
SUM = ReportSum("proxy", "litellm", 3, 0, 0, 2, 1_000, 500, None, None, 77, None, 1_250_000_000)
GAUGES = (
    Measure("requests_running", AT_MS, 4, "", (("endpoint", "proxy"), ("model", "qwen"))),
    Measure("budget_left_usd", AT_MS, 7.5, "usd", (("endpoint", "proxy"), ("of", "ana"))),
)
PROXY = EndpointHealth(
    *("proxy", "litellm", "LiteLLM proxy", "http://127.0.0.1:4000", True, (GOOD, NO_DATABASE)),
    *((SUM,), GAUGES),
)
OPENAI = EndpointHealth(
    "openai", "openai", "OpenAI usage and costs", "https://api.openai.com", True,
    (REFUSED, EndpointState("openai", "cost", "openai")),
)  # fmt: skip
BOTH = replace(PAGE, endpoints=(PROXY, OPENAI))


def told(page: SourcesPage) -> list[tuple[str, str, str]]:
    """Return state, name and words of every line."""
    found = words.lines_of(page.endpoints)
    return [(line.state, line.name.strip(), words.told_of(line)) for line in found]


def test_what_fails_stands_first_and_every_part_tells_how_it_does() -> None:
    refused = "answered with status 401: the key is refused"
    assert told(BOTH) == [
        ("left alone", "openai · OpenAI usage and costs", f"usage: {refused}"),
        ("left alone", "usage", f"{refused} · 3 failures in a row"),
        ("waiting", "cost", ""),
        (
            *("polled", "proxy · LiteLLM proxy"),
            "running 4 (qwen) · budget left $7.50 (ana) · litellm: 1.6k tokens, $1.25",
        ),
        ("polled", "metrics", ""),
        ("nothing", "requests", "this LiteLLM has no database"),
    ]


def test_a_paused_endpoint_and_one_that_is_off_say_so() -> None:
    paused = replace(PROXY, parts=(replace(GOOD, paused=True),))

    assert {state for state, *_ in told(replace(BOTH, endpoints=(paused,)))} == {"paused"}
    off = replace(BOTH, endpoints=(replace(OPENAI, on=False),))
    assert {state for state, *_ in told(off)} == {"off"}


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (Measure("context_share", 0, 0.254, "share", (("of", "slot 0"),)), "context 25% (slot 0)"),
        (Measure("window_tokens", 0, 272_000, "tokens"), "window 272k"),
        (Measure("memory_bytes", 0, 5_200_000_000, "bytes"), "memory 5.2 GB"),
    ],
)
def test_gauges_are_told_in_their_units(measure: Measure, expected: str) -> None:
    assert words.gauge_words(measure) == expected


def test_the_next_question_is_told_in_how_long() -> None:
    openai, usage, *_, metrics, _ = words.lines_of(BOTH.endpoints)

    assert words.until(usage, AT_MS) == "14m"
    assert words.until(openai, AT_MS) == "now"
    assert words.until(metrics, AT_MS) == "10s"
    assert words.since(words.newest_of(metrics.states, "newest_ms"), AT_MS) == "0s"


@pytest.mark.anyio
async def test_the_table_is_there_with_endpoints_and_space_pauses_one(make_app: MakeApp) -> None:
    app = make_app(SHOWN)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await open_sources(pilot, BOTH)
        table = screen.query_one(EndpointList)
        table.focus()
        await settle(pilot)
        text = text_of(app)
        await pilot.press("end", "space")
        await settle(pilot)
        (notice,) = app._notifications
        await pilot.press("enter")
        await settle(pilot)
        opened = app.screen.query_one(EndpointFacts).plain

    assert "endpoint proxy" in opened
    assert "http://127.0.0.1:4000" in opened
    assert "answered 0s ago, tells use up to 0s ago, next 10s" in opened
    assert "budget left $7.50 (ana)" in opened
    assert "endpoints · 2 · 1 failing" in text
    assert "answered with status 401" in text
    assert (feed_of(app).paused, notice.message) == (["proxy"], "proxy is paused")

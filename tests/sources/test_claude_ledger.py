"""The session's own totals (`cost-state`): calls that no transcript line shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sources.claude_lines import SESSION, answer, cost_state, model_usage, prompt
from tests.sources.conftest import Read
from tests.sources.road import Fields, Road, outputs, reading, write
from tokwatch.model.reading import LedgerLine

BEGUN_MS = 1_785_578_400_000


def test_the_sessions_own_totals_are_kept_by_model(claude: Read) -> None:
    """Section 0, 6: they include compactions, searches and titles."""
    models = {
        "claude-opus-4-8": model_usage(7, 70, read=900, write=300, write_1h=200, cost=0.25),
        "claude-haiku-4-5": model_usage(1, 2, cost=0.0),
    }

    found = claude(answer(out=5), cost_state(models))

    assert outputs(found) == [5]
    assert found.ledger[0] == LedgerLine(
        session=SESSION,
        model="claude-opus-4-8",
        instant_ms=BEGUN_MS + 5_000,
        input=7,
        cache_read=900,
        cache_write_5m=100,
        cache_write_1h=200,
        output=70,
        reasoning=0,
        web_searches=0,
        cost_nano=250_000_000,
    )
    assert [line.model for line in found.ledger] == ["claude-opus-4-8", "claude-haiku-4-5"]


def test_the_last_totals_count(claude: Read) -> None:
    """Section 0, 6: each end of a process appends them anew, cumulative."""
    found = claude(
        cost_state({"m": model_usage(1, 10)}), prompt(), cost_state({"m": model_usage(1, 30)})
    )

    assert [line.output for line in found.ledger] == [30]


def test_the_totals_are_no_usage_of_their_own(road: Road, transcript: Path) -> None:
    """Section 0, 6: never mixed silently into the visible ones."""
    write(transcript, answer(out=5), cost_state({"claude-opus-4-8": model_usage(1, 900)}))
    road.read()

    assert road.total().output == 5


def test_a_read_without_totals_leaves_the_earlier_ones(transcript: Path, projects: Path) -> None:
    """Section 0, 6: appended lines do not take them back."""
    lines = [cost_state({"m": model_usage(1, 10)}), prompt()]
    first = reading("claude-code", write(transcript, *lines), projects)
    then = reading("claude-code", write(transcript, *lines, answer()), projects, first.cursor)

    assert (len(first.ledger), then.ledger) == (1, ())


@pytest.mark.parametrize(
    "changes",
    [
        {"modelUsage": None},
        {"modelUsage": {}},
        {"modelUsage": "much"},
        {"modelUsage": {"m": 5}},
        {"modelUsage": {"m": {"inputTokens": "many"}}},
    ],
)
def test_totals_of_another_shape_are_left_out(claude: Read, changes: Fields) -> None:
    """Section 4: every field is optional and of any type."""
    found = claude(cost_state({}, **changes), answer(out=5))

    assert (found.ledger, outputs(found), found.tally.bad_lines) == ((), [5], 0)


@pytest.mark.parametrize(
    ("changes", "instant_ms"),
    [
        ({"startTime": 0}, 5_000),
        ({"startTime": 1e300}, 5_000),
        ({"startTime": 10**400}, 5_000),
        ({"totalDuration": -5}, BEGUN_MS),
        ({"totalDuration": 1e300}, BEGUN_MS),
        ({"sessionId": "\u001b[31m"}, BEGUN_MS + 5_000),
    ],
)
def test_nonsense_in_totals_is_nothing(claude: Read, changes: Fields, instant_ms: int) -> None:
    """Section 2: negative, absurd and infinite numbers are none."""
    nonsense = model_usage(-5, 10**30) | {"costUSD": 1e300, "thinkingTokens": 99}
    (line,) = claude(cost_state({"m\u0007": nonsense}, **changes)).ledger

    assert (line.instant_ms, line.input, line.output, line.cost_nano) == (instant_ms, 0, 0, 0)
    assert (line.model, line.reasoning) == ("m", 0)
    assert line.session in (SESSION, "[31m")


def test_totals_of_a_broken_line_are_counted_as_bad(claude: Read) -> None:
    """C11: a torn line is skipped and counted."""
    torn = cost_state({"m": model_usage(1, 1)})[:90] + b"\n"

    assert claude(torn, answer()).tally.bad_lines == 1


def test_totals_with_a_field_that_is_new_are_read(claude: Read) -> None:
    """Section 4: newer versions add fields."""
    newer = json.loads(cost_state({"m": model_usage(1, 7) | {"novelty": {}}})) | {"more": [1]}
    spelt = json.dumps(newer, separators=(",", ":")).encode() + b"\n"

    assert [line.output for line in claude(spelt).ledger] == [7]

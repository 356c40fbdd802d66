"""What live sessions write next: whole lines at the given instant, and never an end."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from random import Random

import pytest

from tests.demo import books
from tests.demo.conftest import NOW
from tokwatch.demo.desks import CHECKOUT
from tokwatch.demo.folder import DemoFolder
from tokwatch.demo.live import MOST_AGENTS, PAUSE_SECONDS, Append, Live
from tokwatch.demo.world import Course

NOW_MS = round(NOW.timestamp() * 1000)


def live(courses: list[Course]) -> Live:
    """Return what goes on after a past."""
    return Live([course.agent for course in courses if not course.agent.is_done], Random(3))


@pytest.fixture
def appends(courses: list[Course]) -> list[Append]:
    """Return what is written in an hour and more."""
    going_on = live(courses)
    return [going_on.next(NOW_MS + number * 2_000) for number in range(3_000)]


def test_it_is_the_same_again(courses: list[Course], appends: list[Append]) -> None:
    again = live(courses)

    assert [again.next(NOW_MS + number * 2_000) for number in range(3_000)] == appends


def test_every_write_is_of_whole_lines_of_about_its_instant(appends: list[Append]) -> None:
    for number, append in enumerate(appends):
        if append.path.endswith(".meta.json"):
            continue
        assert append.data.endswith(b"\n")
        lines = [json.loads(line) for line in append.data.splitlines()]
        stamps = [line["timestamp"] for line in lines if "timestamp" in line]
        at_ms = [datetime.fromisoformat(stamp).timestamp() * 1000 for stamp in stamps]
        # A log's begin, a first answer and a call's result are written one after another.
        assert min(at_ms) > NOW_MS + (number - MOST_AGENTS) * 2_000 - 150_000
        assert max(at_ms) < NOW_MS + number * 2_000 + 2_000


def test_a_response_is_several_lines_of_which_the_last_is_final(appends: list[Append]) -> None:
    lengths = Counter[int]()
    for append in appends:
        lines = [json.loads(line) for line in append.data.splitlines() if b"assistant" in line]
        messages = [line["message"] for line in lines if line.get("type") == "assistant"]
        if messages:
            lengths[len(messages)] += 1
            assert len({message["id"] for message in messages}) == 1
            assert [bool(message["stop_reason"]) for message in messages] == (
                [False] * (len(messages) - 1) + [True]
            )

    assert set(lengths) == {1, 2, 3}


def test_sessions_end_and_others_begin(appends: list[Append]) -> None:
    begun = {append.path for append in appends if _begins(append)}
    texts = b"".join(append.data for append in appends)

    assert any("/subagents/" in path for path in begun)
    assert any(path.startswith(".codex/") for path in begun)
    assert any(path.count("/") == 3 and path.startswith(".claude/") for path in begun)
    assert b'"stop_reason":"end_turn"' in texts


def test_a_sub_agent_tells_its_kind_before_it_writes(appends: list[Append]) -> None:
    seen: set[str] = set()
    spawned = [append.path for append in appends if _begins(append)]
    for append in appends:
        seen.add(append.path)
        if "/subagents/" in append.path and append.path in spawned:
            assert append.path.removesuffix(".jsonl") + ".meta.json" in seen


def test_a_few_agents_work_at_any_time(appends: list[Append]) -> None:
    for start in range(0, 2_900, 100):
        busy = {append.path for append in appends[start : start + 100]}
        assert (
            2
            <= len({path.split(".meta")[0].split(".jsonl")[0] for path in busy})
            <= 2 * MOST_AGENTS
        )


def test_a_session_that_goes_on_continues_its_own_log(
    courses: list[Course], appends: list[Append], written: DemoFolder
) -> None:
    (checkout,) = (c for c in courses if c.agent.desk == CHECKOUT and not c.agent.is_done)
    before = books.of_home(written.home)

    for append in appends:
        written.append(append)

    after = books.of_home(written.home)
    key = (str(CHECKOUT.tool), checkout.agent.session, "", CHECKOUT.model)
    assert after[key]["requests"] == checkout.agent.ends_after > before[key]["requests"]
    assert books.total(after) > books.total(before)


def test_pauses_are_short(courses: list[Course]) -> None:
    pauses = [live(courses).pause_seconds() for _ in range(50)]

    assert PAUSE_SECONDS[0] <= min(pauses)
    assert max(pauses) <= PAUSE_SECONDS[1]


def _begins(append: Append) -> bool:
    return (b'"parentUuid":null' in append.data and b"compact" not in append.data) or (
        b'"type":"session_meta"' in append.data
    )

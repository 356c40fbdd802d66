"""Qwen Code: usage of each answer, by FORMATS 2.4 and what 0.15 and 0.24 really write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sources.agents.qwen_logs import (
    AGENT,
    AT,
    LATER,
    MODEL,
    PROJECT,
    SESSION,
    agents_transcript,
    answer,
    apart,
    branched,
    inside,
    noted,
    prompt,
    record,
    transcript,
)
from tests.sources.road import Road, Spent, reading, spelt
from tests.sources.test_roots import folders, sourced
from tokwatch.analysis.hidden import hidden_usage
from tokwatch.model.event import Grade, RequestFact, Sighting, event_key
from tokwatch.model.reading import Reading
from tokwatch.model.usage import Dimension
from tokwatch.sources.source import Surroundings
from tokwatch.store.read.every import ledgers

SOURCE = "qwen-code"
AT_MS = 1_785_578_400_000
ONE = Spent(1, 2_000, 0, 0, 6_000, 200, 50)


def read(home: Path, *lines: bytes) -> Reading:
    """Return a reading of these lines as one transcript."""
    return reading(SOURCE, transcript(home, *lines), home / ".qwen" / "projects")


def classes(one: Sighting) -> tuple[int | None, ...]:
    """Return the token classes of a request."""
    return (one.input, one.cache_read, one.output, one.reasoning)


def hidden(road: Road) -> dict[str, tuple[int, int, int]]:
    """Return input, cache reads and output that no transcript shows, by session."""
    found = hidden_usage(ledgers(road.view), ())
    return {name: (it.input, it.cache_read, it.output) for name, it in found.items()}


def test_an_answer_counts_in_its_classes(home: Path) -> None:
    """2.4: the prompt includes the cache."""
    (one,) = read(home, prompt(), answer(contextWindowSize=1_000_000)).sightings

    assert classes(one) == (2_000, 6_000, 200, 50)
    assert (one.requests, one.final, one.copied, one.grade) == (1, 1, 0, Grade.RECORD)
    assert (one.instant_ms, one.window, one.logged_nano) == (AT_MS, 1_000_000, None)
    assert one.scope[:5] == (SOURCE, SESSION, "", PROJECT, "main")
    assert one.model == ("", MODEL, "standard")


def test_reasoning_counts_once_wherever_it_is_told(home: Path) -> None:
    """2.4: Gemini's endpoint tells it apart, others among the candidates; the total tells which."""
    found = read(home, answer("a", apart()), answer("b", inside()), answer("c", {**apart()}))

    assert [classes(one) for one in found.sightings] == [(2_000, 6_000, 200, 50)] * 3


def test_without_a_total_reasoning_is_apart(home: Path) -> None:
    """2.4: as the interface that the names come from has it."""
    usage = {**apart(), "totalTokenCount": 0}

    assert classes(read(home, answer(usage=usage)).sightings[0]) == (2_000, 6_000, 200, 50)


def test_a_total_alone_is_a_lower_bound(home: Path) -> None:
    """0.24: some endpoints tell no more."""
    (one,) = read(home, answer(usage={"totalTokenCount": 900, "thoughtsTokenCount": 40})).sightings

    assert (classes(one), one.final) == ((860, 0, 40, 40), 0)


def test_the_last_record_of_an_answer_counts(home: Path) -> None:
    """2.4: streams repeat it with growing counts, resumes repeat its id."""
    found = read(home, answer(usage=inside((10, 1, 0, 0))), answer("q2"), answer(at=LATER))

    assert sorted(one.output or 0 for one in found.sightings) == [200, 200]
    assert found.tally.repeated == 1


def test_a_branch_copies_answers_that_count_once(home: Path, road: Road) -> None:
    """0.24: a branch copies every record into another session, times and ids included."""
    lines = [prompt(), noted(), answer("q1"), noted(name="n2"), answer("q2")]
    copies = [branched(line, "another") for line in lines]
    transcript(home, *copies, answer("q3", at=LATER, sessionId="another"), session="another")
    transcript(home, *lines)
    road.read()

    assert road.sums((Dimension.SESSION,)) == {
        (SESSION,): ONE.plus(ONE),
        ("another",): ONE,
    }
    assert hidden(road) == {}


def test_an_answer_without_an_id_is_a_request_of_its_own(home: Path) -> None:
    """0.3: never merge on equal content."""
    lines = [spelt({**json.loads(answer()), "uuid": None})] * 2

    assert len(read(home, *lines).sightings) == 2


def test_a_sub_agent_is_an_agent_of_its_session(home: Path, road: Road) -> None:
    """0.24: its transcript lies beside, its records name no model."""
    lines = [
        answer(f"s{number}", model=None, agentId=AGENT, agentName="explorer", isSidechain=True)
        for number in (1, 2)
    ]
    agents_transcript(home, *lines, agentType="general", model="qwen-max")
    transcript(home, answer())
    road.read()

    assert road.sums((Dimension.SESSION, Dimension.AGENT, Dimension.KIND, Dimension.MODEL)) == {
        (SESSION, "", "main", MODEL): ONE,
        (SESSION, AGENT, "explorer", "qwen-max"): ONE.plus(ONE),
    }


def test_an_agent_is_known_by_what_lies_beside_it(home: Path, road: Road) -> None:
    """0.24: where its records do not tell its sort, nor anything a model."""
    agents_transcript(home, answer("s1", model=None, agentId=AGENT), agentType="general")
    agents_transcript(home, answer("s2", model=None, agentId="b"), agent="b")
    road.read()

    assert set(road.sums((Dimension.KIND, Dimension.MODEL))) == {
        ("general", "unknown"),
        ("sub-agent", "unknown"),
    }


def test_how_long_an_answer_took_is_told_before_it(home: Path) -> None:
    """0.24: the note with the same counts is the answer's."""
    found = read(home, noted(), answer("q1"), noted(inside((1, 1, 0, 0))), answer("q2"))
    key = event_key(SOURCE, "q1")

    assert set(found.facts) == {
        RequestFact(key, "duration_ms", 1_200),
        RequestFact(key, "first_token_ms", 300),
    }


def test_a_note_and_its_answer_may_be_read_apart(home: Path, road: Road) -> None:
    """4.2: what was noted last is known to the next read."""
    log = transcript(home, noted())
    road.read()
    assert hidden(road) == {}
    with log.open("ab") as file:
        file.write(answer())
    road.read()

    assert road.database.value("SELECT count(*) FROM request_fact") == 2
    assert (road.total(), hidden(road)) == (ONE, {})


def test_calls_in_no_transcript_are_hidden_calls(home: Path, road: Road) -> None:
    """0.24: compressions and agents without a transcript are noted, and nothing else is."""
    compressed, remembered = inside((500, 40, 100, 0)), inside((300, 20, 0, 0))
    transcript(
        home,
        *(noted(), answer()),
        *(noted(compressed, at=LATER), noted(inside((8_000, 9, 1, 1)), at=LATER)),
        answer("q2", inside((8_000, 9, 1, 1)), LATER),
        noted(remembered, at=LATER, subagent_name="memory", subagent_id="memory-1"),
    )
    road.read()

    assert road.total() == Spent(2, 9_999, 0, 0, 6_001, 209, 51)
    assert hidden(road) == {SESSION: (700, 100, 60)}


def test_noted_calls_of_agents_with_a_transcript_are_not_hidden(home: Path, road: Road) -> None:
    """0.24: they are noted in the session's transcript, too."""
    agents_transcript(home, answer("s1", model=None, agentId=AGENT), model=MODEL)
    served = "qwen3-coder-plus-2026-01-01"
    transcript(
        home,
        *(noted(model=served), answer("q1")),
        noted(name="n2", model=served, subagent_name="general", subagent_id=AGENT),
        *(noted(name="n3", model=served), answer("q2")),
    )
    road.read()

    assert road.total() == ONE.plus(ONE).plus(ONE)
    assert hidden(road) == {}


def test_an_agents_name_leads_nowhere_else(home: Path, road: Road) -> None:
    """4.7: what a log names is no path."""
    agents_transcript(home, agent="x", session="elsewhere", model="secret")
    transcript(home, noted(subagent_name="a", subagent_id="../elsewhere/agent-x"))
    road.read()

    assert [line.model for ledger in ledgers(road.view) for line in ledger.lines] == [MODEL]


def test_usage_of_another_shape_is_told(home: Path) -> None:
    """Unknown is shown, with names of fields and no values."""
    found = read(home, answer(usage={"tokens_in": 5}), answer("q2", [7]), answer("q3"))

    assert (len(found.sightings), found.tally.unknown) == (1, 2)


@pytest.mark.parametrize("at", [None, "soon", True, -1, []], ids=repr)
def test_an_answer_without_a_time_is_undated(home: Path, at: object) -> None:
    """0.7: not counted, but shown."""
    found = read(home, answer(at=at))

    assert (list(found.sightings), found.tally.undated) == ([], 1)


def test_only_answers_count(home: Path) -> None:
    """2.4: other records may carry what looks like usage."""
    lines = [spelt(record(kind, usageMetadata=inside())) for kind in ("user", "tool_result")]

    assert list(read(home, *lines).sightings) == []


def test_a_title_is_the_sessions_own_or_its_first_words(home: Path) -> None:
    """Titles are read from the log on demand."""
    source = sourced(SOURCE)
    log = transcript(home, b'{"type": "user"\n', prompt("Mend \x1b[1mit"), answer())

    assert source.title_of(log, SESSION) == "Mend [1mit"
    titled = record("system", subtype="custom_title", systemPayload={"customTitle": "Repairs"})
    transcript(home, prompt("Mend it"), spelt(titled))
    assert source.title_of(log, SESSION) == "Repairs"
    assert source.title_of(home / "none.jsonl", SESSION) == ""
    assert source.resume_command("a b") == "qwen --resume 'a b'"
    assert source.retention(Surroundings(home, {}, "linux")) == ""


def test_where_the_logs_lie(home: Path) -> None:
    """2.4: one folder, and variables that replace it."""
    assert folders(SOURCE, home) == ["~/.qwen/projects"]
    assert folders(SOURCE, home, QWEN_HOME="~/q") == ["~/q/projects"]
    assert folders(SOURCE, home, QWEN_HOME="~/q", QWEN_RUNTIME_DIR="/r") == ["/r/projects"]
    assert folders(SOURCE, home, QWEN_DATA_DIR="/a/projects,/b") == ["/a/projects", "/b/projects"]
    assert sourced(SOURCE).wants(f"/q/p/chats/{SESSION}.jsonl")
    assert not sourced(SOURCE).wants(f"/q/p/subagents/{SESSION}/agent-a.jsonl.stream")
    assert not sourced(SOURCE).wants(f"/q/p/subagents/{SESSION}/agent-a.meta.json")


def test_times_are_utc(home: Path) -> None:
    """3.8: whatever the zone they are written in."""
    found = read(home, answer(at="2026-08-01T12:00:00+02:00"), answer("q2", at=AT))

    assert {one.instant_ms for one in found.sightings} == {AT_MS}

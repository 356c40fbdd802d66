"""What OpenCode's sessions tell beyond the ordinary."""

from __future__ import annotations

import json
from pathlib import Path

from tests.sources.agents import opencode_logs as logs
from tests.sources.agents.databases import insert, made, writing
from tests.sources.agents.talk import ms
from tests.sources.agents.talk_databases import opencode
from tests.sources.agents.talk_documents import opencode_files
from tests.sources.detail_road import in_pieces, read
from tests.sources.road import Fields, reading
from tokwatch.model.detail import Detail, Part
from tokwatch.sources.conversation import hash_of


def told(path: Path) -> Detail:
    """Return the detail of a log."""
    return in_pieces("opencode", path, 1 << 30)


def put(path: Path, name: str, message: Fields, *parts: Fields, session: str = "ses_1") -> None:
    """Write a message with its parts."""
    with writing(path) as tables:
        logs.message(tables, name, message, session)
        for place, part in enumerate(parts):
            named = {"id": f"prt_{name}_{place}", "message_id": name, "session_id": session}
            times = {"time_created": ms(0), "time_updated": ms(0)}
            insert(tables, "part", **named, **times, data=json.dumps(part))


def database(home: Path) -> Path:
    """Write a database with an empty session."""
    path = made(logs.path(home), logs.SCHEMA)
    with writing(path) as tables:
        logs.session(tables, at=ms(-9))
    return path


def tool(status: str, **state: object) -> Fields:
    """Return a call of a tool."""
    told = {"status": status, "input": {"filePath": "/a.py"}, **state}
    return {"type": "tool", "tool": "read", "callID": "c1", "state": told}


def test_a_running_call_has_no_result_until_it_ends(home: Path) -> None:
    path = database(home)
    put(path, "msg_1", logs.answer(logs.CALL, ms(1)), tool("running"))
    assert [block.part for block in told(path).blocks] == [Part.TOOL_CALL]
    with writing(path) as tables:
        ended = json.dumps(tool("completed", output="x" * 40, time={"start": ms(2), "end": ms(7)}))
        tables.execute("UPDATE part SET data = ?", (ended,))
    call, result = told(path).blocks
    assert (result.part, result.tokens, result.call) == (Part.TOOL_RESULT, 10, call.call)
    assert result.instant_ms == ms(7)
    assert result.subject == hash_of("/a.py")


def test_a_compaction_leaves_its_summary_and_its_request_is_of_before(home: Path) -> None:
    path = opencode(home)
    found = told(path)
    [mine, other] = sorted(found.compactions, key=lambda one: one.agent)
    assert (mine.trigger, mine.agent, other.trigger, other.agent) == ("auto", "", "manual", "ses_2")
    summary = next(b for b in found.blocks if b.part is Part.SUMMARY and not b.agent)
    assert (summary.request, summary.offset) == (0, mine.offset)
    events = {one.key: one for one in reading("opencode", path, path.parent).sightings}
    before = [events[b.request].instant_ms for b in found.blocks if b.request and b.number < 9]
    assert max(before) < mine.instant_ms


def test_a_sub_agents_session_is_told_as_an_agent_of_its_parents(home: Path) -> None:
    found = told(opencode(home))
    assert {(block.session, block.agent) for block in found.blocks} == {
        ("ses_1", ""),
        ("ses_1", "ses_2"),
    }
    [told_] = found.delegations
    assert (told_.parent, told_.child, told_.call) == ("", "ses_2", hash_of("c2"))


def test_a_forks_copies_have_the_keys_of_their_events(home: Path) -> None:
    path = database(home)
    put(path, "msg_1", logs.answer(logs.CALL, ms(1)), {"type": "text", "text": "a"})
    with writing(path) as tables:
        logs.session(tables, "ses_2", at=ms(50))
    put(
        path, "msg_9", logs.answer(logs.CALL, ms(1)), {"type": "text", "text": "a"}, session="ses_2"
    )
    put(path, "msg_10", logs.answer(logs.CALL, ms(60)), {"type": "text", "text": "b"},
        session="ses_2")  # fmt: skip
    asked = {block.request for block in told(path).blocks}
    assert asked == {one.key for one in reading("opencode", path, path.parent).sightings}


def test_what_the_tool_imported_is_not_told(home: Path) -> None:
    path = database(home)
    put(path, "msg_1", logs.answer(logs.CALL, ms(1)), {"type": "text", "text": "a"})
    with writing(path) as tables:
        tables.execute("CREATE TABLE external_import (session_id TEXT, time_imported INTEGER)")
        insert(tables, "external_import", session_id="ses_1", time_imported=ms(5))
    assert told(path).blocks == ()


def test_version_2_takes_over_nothing_twice(home: Path) -> None:
    path = opencode(home)
    before = len(told(path).blocks)
    with writing(path) as tables:
        logs.second_message(tables, "twin", logs.second(logs.CALL, ms(1)), "ses_1")
        tables.execute("UPDATE session_message SET time_created = ? WHERE id = 'twin'", (ms(1),))
    assert len(told(path).blocks) == before


def test_of_files_only_the_last_answers_tells_the_session(home: Path) -> None:
    last = opencode_files(home)
    tellers = [one for one in sorted(last.parent.glob("*.json")) if told(one).blocks]
    assert tellers == [last]
    assert in_pieces("opencode", last, 1) == told(last)
    whole = told(last)
    logs.message_file(home, "msg_8", {"role": "user", "time": {"created": ms(40)}})
    assert told(last).blocks == whole.blocks
    last = logs.message_file(home, "msg_9", logs.answer(logs.CALL, ms(41)))
    assert [
        one for one in sorted(last.parent.glob("*.json")) if read("opencode", one).detail.anew
    ] == [last]


def test_files_of_a_session_that_a_database_has_tell_nothing(home: Path) -> None:
    last = opencode_files(home)
    opencode(home)
    assert told(last).blocks == ()

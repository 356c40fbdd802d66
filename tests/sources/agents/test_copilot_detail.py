"""What Copilot CLI's events tell beyond the ordinary."""

from __future__ import annotations

from pathlib import Path

from tests.sources.agents import copilot_logs as logs
from tests.sources.agents.copilot_logs import event
from tests.sources.agents.talk_lines import copilot
from tests.sources.detail_road import detailed, in_pieces, joined, parts, read
from tests.sources.road import reading, write
from tokwatch.model.detail import Detail, Part
from tokwatch.sources.source import can_show


def told(home: Path, *lines: bytes) -> Detail:
    """Return the detail of a session's events."""
    return in_pieces("copilot-cli", logs.events(home, *lines), 1 << 30)


def test_what_the_tool_wrote_around_a_prompt_is_its_own(home: Path) -> None:
    text = "fix the tax"
    sent = f"<current_datetime>now</current_datetime>\n{text}\n<reminder>x</reminder>"
    found = told(home, event("user.message", content=text, transformedContent=sent))
    assert [(block.part, block.chars) for block in found.blocks] == [
        (Part.USER, len(text)),
        (Part.ATTACHMENT, len(sent) - len(text)),
    ]


def test_a_skills_message_begins_no_turn(home: Path) -> None:
    found = told(
        home,
        logs.asked(),
        event("user.message", 1, content="do so", source="skill-review"),
        logs.said(2),
    )
    assert parts(found)[:2] == [Part.USER, Part.ATTACHMENT]
    assert len(found.turns) == 1


def test_without_a_store_a_message_is_its_own_request(home: Path) -> None:
    path = logs.events(home, logs.started(), logs.asked(), logs.said(1), logs.said(2, output=None))
    found = in_pieces("copilot-cli", path, 1 << 30)
    [event_] = reading("copilot-cli", path, path.parent).sightings
    assert [block.request for block in found.blocks] == [0, event_.key, 0]


def test_a_request_that_the_store_tells_later_takes_the_answers_blocks(home: Path) -> None:
    path = logs.events(home, logs.started(), logs.asked(), logs.said(1))
    first = read("copilot-cli", path)
    store = logs.stored(home, 2)
    [request] = reading("copilot-cli", store, store.parent).sightings
    assert request.key not in {block.request for block in first.detail.blocks}
    write(path, path.read_bytes(), logs.asked(5))
    second = read("copilot-cli", path, first.cursor)
    answer = joined([first.detail, second.detail]).blocks[1]
    assert (answer.part, answer.request) == (Part.ASSISTANT, request.key)


def test_answers_with_the_same_counts_belong_to_requests_in_order(home: Path) -> None:
    store = logs.stored(home, 2, 12)
    found = told(home, logs.asked(), logs.said(1), logs.asked(10), logs.said(11))
    keys = [one.key for one in reading("copilot-cli", store, store.parent).sightings]
    assert [block.request for block in found.blocks if block.request] == keys


def test_mcp_tools_have_their_servers_name(home: Path) -> None:
    found = in_pieces("copilot-cli", copilot(home), 1 << 30)
    named = [block.tool for block in found.blocks if block.tool.startswith("mcp__")]
    assert named == ["mcp__github__list_issues"] * 2


def test_the_store_and_traces_tell_no_conversation(home: Path) -> None:
    store = logs.stored(home, 2)
    assert in_pieces("copilot-cli", store, 1 << 30).blocks == ()
    source = detailed("copilot-cli")
    assert can_show(source)
    assert "'total_nano_aiu'" in repr(source.record_at(store, 1))
    assert source.record_at(store, 99) is None

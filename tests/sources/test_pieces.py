"""What messages hold, in the spellings of providers and tools."""

from __future__ import annotations

import pytest

from tests.sources.agents.talk import PNG
from tokwatch.model.detail import Block, Part
from tokwatch.sources.answering import Answer, Response, answer_of
from tokwatch.sources.conversation import At, Conversation, Memory
from tokwatch.sources.pieces import images_of, part_of, take_asked, take_said, texts_of

AT = At(1, "", 0, 7)


def said(*contents: object) -> tuple[Block, ...]:
    """Return the blocks of an answer that records tell of, one after the other."""
    talk = Conversation(Memory())
    responses: dict[int, Response] = {}
    for content in contents:
        take_said(answer_of(talk, responses, AT), content)
    return talk.detail(b"").blocks


def asked(content: object, sort: Part | None = None) -> tuple[list[Part], int]:
    """Return the blocks of a message of the user, and how many turns it begins."""
    talk = Conversation(Memory())
    take_asked(talk, AT, content, sort=sort)
    return [block.part for block in talk.detail(b"").blocks], talk.memory.turns.count


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ("a", ["a"]),
        (["a", {"type": "text", "text": "b"}], ["a", "b"]),
        ({"content": [{"type": "text", "text": "a"}]}, ["a"]),
        ({"output": {"lines": 3}}, ['{"lines":3}']),
        ({"type": "image", "data": PNG}, []),
        ({"type": "unknown"}, []),
        (None, []),
        (7, ["7"]),
        ([[[[[[["deep"]]]]]]], ['["deep"]']),
    ],
)
def test_texts_are_found_however_they_are_wrapped(content: object, texts: list[str]) -> None:
    assert list(texts_of(content)) == texts


@pytest.mark.parametrize(
    "piece",
    [
        {"type": "image", "data": PNG},
        {"type": "image", "source": {"type": "base64", "data": PNG}},
        {"type": "image_url", "image_url": {"url": PNG}},
        {"type": "input_image", "image_url": PNG},
        {"inlineData": {"mimeType": "image/png", "data": PNG}},
    ],
)
def test_images_are_found_in_every_spelling(piece: object) -> None:
    assert list(images_of([{"content": [piece]}])) == [PNG]


def test_what_the_tool_says_in_the_users_place_is_its_own() -> None:
    assert part_of("fix the <system-reminder> tag") is Part.USER
    assert part_of("\n<system-reminder>be brief") is Part.ATTACHMENT
    assert part_of("<environment_details>\n# Files") is Part.ATTACHMENT
    assert part_of("<system_reminder>AGENTS.md says") is Part.MEMORY


def test_only_what_the_user_said_begins_a_turn() -> None:
    reminder = {"type": "text", "text": "<system-reminder>x</system-reminder>"}
    result = {"type": "tool_result", "tool_use_id": "t", "content": "x"}
    assert asked("hello") == ([Part.USER], 1)
    assert asked([reminder]) == ([Part.ATTACHMENT], 0)
    assert asked([result, {"type": "text", "text": "x"}]) == ([Part.TOOL_RESULT, Part.USER], 0)
    assert asked([{"type": "image", "data": PNG}]) == ([Part.IMAGE], 1)
    assert asked("hello", Part.SUMMARY) == ([Part.SUMMARY], 0)
    assert asked([None, 7, {}]) == ([], 0)


def test_files_that_a_message_names_are_attachments() -> None:
    texts = ["look at @a", "\n--- Content from referenced files ---", "x" * 99,
             "\n--- End of content ---", "and go"]  # fmt: skip
    parts, turns = asked([{"text": text} for text in texts])
    assert parts == [Part.USER, *[Part.ATTACHMENT] * 3, Part.USER]
    assert turns == 1


def test_a_record_that_is_written_again_adds_only_what_it_adds() -> None:
    text, call = {"type": "text", "text": "a"}, {"type": "tool_use", "id": "t", "name": "Read"}
    assert len(said([text], [text, call], [text, call])) == 2
    assert len(said([text, text])) == 2


@pytest.mark.parametrize(
    "piece",
    [
        {"type": "tool_use", "id": "c", "name": "Read", "input": {"path": "/a"}},
        {"type": "toolCall", "id": "c", "name": "Read", "arguments": {"path": "/a"}},
        {"type": "tool-call", "toolCallId": "c", "toolName": "Read", "args": {"path": "/a"}},
        {
            "type": "tool_call",
            "id": "c",
            "function": {"name": "Read", "arguments": '{"path":"/a"}'},
        },
    ],
)
def test_a_call_is_the_same_in_every_spelling(piece: object) -> None:
    [block] = said([piece])
    [other] = said([{"type": "tool_use", "id": "c", "name": "Read", "input": {"path": "/a"}}])
    assert block == other
    assert block.subject


def test_blocks_that_wait_get_their_request_and_thinking_its_size() -> None:
    talk, response = Conversation(Memory()), Response()
    answer = Answer(talk, AT._replace(request=0), response)
    take_said(
        answer, [{"type": "thinking", "thinking": "x" * 8}, {"type": "text", "text": "y" * 8}]
    )
    assert {block.request for block in talk.detail(b"").blocks} == {0}
    answer.settle(9, output=52)
    thinking, text = talk.detail(b"").blocks
    assert (thinking.request, text.request) == (9, 9)
    assert (thinking.tokens, text.tokens) == (50, 2)
    assert talk.detail(b"").turns[0].requests == 1

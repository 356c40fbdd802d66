"""What the logs of pi, Kimi, Grok Build, Amp, Cline, Droid, Goose, Zed tell beyond the ordinary."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sources.agents import amp_logs, cline_logs, goose_logs, grok_logs, kimi_logs, pi_logs
from tests.sources.agents.databases import insert, made, writing
from tests.sources.agents.talk import AT_S, ms, stamp
from tests.sources.agents.talk_databases import crush, goose, zed_thread
from tests.sources.agents.talk_documents import cline, droid
from tests.sources.agents.talk_lines import grok, openclaw, pi_entries
from tests.sources.detail_road import in_pieces, only, parts
from tests.sources.road import Fields, reading, spelt, write
from tokwatch.model.detail import Detail, Part
from tokwatch.sources.conversation import hash_of


def told(source: str, path: Path) -> Detail:
    """Return the detail of a log."""
    return in_pieces(source, path, 1 << 30)


def test_pis_compaction_keeps_the_tail_and_its_own_request_is_of_before(home: Path) -> None:
    lines = [
        *pi_entries()[:5],
        spelt(pi_logs.entry("compaction", "k", stamp(7), summary="s", tokensBefore=15_000,
                            firstKeptEntryId="a2", usage=pi_logs.usage())),
    ]  # fmt: skip
    path = pi_logs.pi_log(home, *lines)
    found = told("pi", path)
    [compaction] = found.compactions
    assert compaction.keeps_from is not None
    assert found.blocks[compaction.keeps_from].part is Part.ASSISTANT
    last = max(reading("pi", path, path.parent).sightings, key=lambda one: one.instant_ms)
    assert compaction.instant_ms > last.instant_ms


def test_a_users_command_is_told_unless_it_was_kept_out(home: Path) -> None:
    message: Fields = {"role": "bashExecution", "command": "ls", "output": "a.py"}
    hidden = message | {"excludeFromContext": True}
    lines = [spelt(pi_logs.entry("message", f"b{place}", message=one))
             for place, one in enumerate((message, hidden))]  # fmt: skip
    found = told("pi", pi_logs.pi_log(home, pi_logs.header(), *lines))
    assert parts(found) == [Part.ATTACHMENT]


def test_a_database_of_openclaw_tells_what_its_files_told(home: Path) -> None:
    found = told("openclaw", openclaw(home))
    tables = pi_logs.openclaw_database(home)
    pi_logs.append(tables, *pi_entries())
    tables.close()
    path = next(home.rglob("openclaw-agent.sqlite"))
    other = told("openclaw", path)
    strip = [block._replace(offset=0, session="") for block in other.blocks]
    assert strip == [block._replace(offset=0) for block in found.blocks]


def test_an_interrupted_step_of_kimi_belongs_to_no_request(home: Path) -> None:
    text = {"type": "text", "text": "a"}
    path = kimi_logs.cli_log(
        home,
        *(kimi_logs.prompt("go"), kimi_logs.message("StepBegin", n=1)),
        *(kimi_logs.message("ContentPart", **text), kimi_logs.message("StepInterrupted")),
        *(kimi_logs.message("StepBegin", n=2), kimi_logs.message("ContentPart", **text)),
        kimi_logs.status("chatcmpl-abcdefg"),
    )
    found = told("kimi", path)
    cut, whole = (block for block in found.blocks if block.part is Part.ASSISTANT)
    assert (cut.request, whole.request > 0) == (0, True)
    assert found.turns[0].interrupted


def test_a_calls_title_is_never_kept(home: Path) -> None:
    path = grok(home)
    found = told("grok", path)
    assert {block.tool for block in found.blocks if block.tool} == {"read"}
    assert "title" not in repr(found)


def test_chunks_of_one_text_are_one_block(home: Path) -> None:
    def chunk(text: str, kind: str = "agent_message_chunk") -> bytes:
        return grok_logs.update(kind, AT_S, None, content={"type": "text", "text": text})

    lines = (grok_logs.asked(), chunk("hm", "agent_thought_chunk"), chunk("ab"), chunk("cdé"))
    path = grok_logs.log(home, *lines, chunk("x", "agent_thought_chunk"), **grok_logs.about())
    found = told("grok", path)
    assert parts(found)[1:] == [Part.THINKING, Part.ASSISTANT, Part.THINKING]
    assert (found.blocks[2].chars, found.blocks[2].tokens) == (5, 2)


def test_what_a_fork_of_groks_copied_is_its_parents(home: Path) -> None:
    path = grok_logs.log(
        home,
        grok_logs.asked(AT_S - 100),
        grok_logs.asked(AT_S),
        **grok_logs.about(parent_session_id="p", created_at=stamp(-50)),
    )
    assert len(told("grok", path).turns) <= 1
    assert [block.instant_ms for block in told("grok", path).blocks] == [AT_S * 1000]


@pytest.mark.parametrize(
    ("run", "is_error"),
    [({"status": "done", "result": {"output": "x"}}, False), ({"status": "cancelled"}, True)],
)
def test_a_run_of_amps_tells_how_it_ended(home: Path, run: Fields, is_error: bool) -> None:
    result = {"type": "tool_result", "toolUseID": "c1", "run": run}
    message = {"role": "user", "messageId": 2, "content": [result]}
    found = told("amp", amp_logs.amp_log(home, amp_logs.thread(message)))
    assert only(found, Part.TOOL_RESULT).is_error is is_error
    assert found.turns == ()


def test_amps_ledger_names_the_requests_of_its_messages(home: Path) -> None:
    event = {"id": "e1", "timestamp": stamp(1), "model": "m", "toMessageId": 1,
             "tokens": {"input": 5, "output": 4}}  # fmt: skip
    thread = amp_logs.thread(
        amp_logs.asked(), amp_logs.answered(1), usageLedger={"events": [event]}
    )
    path = amp_logs.amp_log(home, thread)
    [one] = reading("amp", path, path.parent).sightings
    assert only(told("amp", path), Part.ASSISTANT).request == one.key


def test_results_in_words_know_their_tools(home: Path) -> None:
    path = cline_logs.task_log(home, [cline_logs.request(ms(1))])
    said = [
        {"role": "user", "content": [{"type": "text", "text": "<task>go</task>"}]},
        {"role": "assistant", "content": "<read_file><path>a.py</path></read_file>"},
        {"role": "user", "content": [
            {"type": "text", "text": "[read_file for 'a.py'] Result:"},
            {"type": "text", "text": "x" * 40},
            {"type": "text", "text": "<environment_details>now</environment_details>"}]},
    ]  # fmt: skip
    write(path.with_name("api_conversation_history.json"), json.dumps(said).encode())
    found = told("cline", path)
    assert parts(found) == [Part.USER, Part.ASSISTANT, Part.TOOL_RESULT, Part.ATTACHMENT]
    assert (found.blocks[2].tool, found.blocks[2].tokens) == ("read_file", 10)
    assert found.blocks[1].request > 0
    assert len(found.turns) == 1


def test_a_failed_request_of_clines_has_no_answer(home: Path) -> None:
    path = cline(home)
    shown = json.loads(path.read_bytes())
    shown.insert(1, cline_logs.request(ms(2.5)))
    path.write_bytes(json.dumps(shown).encode())
    asked = [one.key for one in reading("cline", path, path.parent).sightings]
    found = told("cline", path)
    assert {block.request for block in found.blocks} - {0} < set(asked)
    assert len({block.request for block in found.blocks} - {0}) == 3


def test_droids_hidden_messages_and_lost_logs_tell_nothing(home: Path) -> None:
    path = droid(home)
    assert parts(told("droid", path)).count(Part.USER) == 1
    assert len(told("droid", path).delegations) == 1
    path.with_name(f"{path.name.removesuffix('.settings.json')}.jsonl").unlink()
    assert told("droid", path).blocks == ()


def test_gooses_extensions_are_servers_and_its_answers_are_joined(home: Path) -> None:
    found = told("goose", goose(home))
    assert {block.tool for block in found.blocks if block.tool} == {"mcp__developer__shell"}
    thinking, call = (next(b for b in found.blocks if b.part is part)
                      for part in (Part.THINKING, Part.TOOL_CALL))  # fmt: skip
    assert thinking.request == call.request > 0
    assert found.turns[0].requests == 3


def test_gooses_turns_of_other_agents_are_in_their_own_logs(home: Path) -> None:
    path = made(goose_logs.path(home), goose_logs.SCHEMA)
    with writing(path) as tables:
        insert(tables, "sessions", id="s1", working_dir="/", provider_name="claude-code")
        content = json.dumps([{"type": "text", "text": "a"}])
        insert(tables, "messages", session_id="s1", role="user", content_json=content,
               created_timestamp=AT_S)  # fmt: skip
    assert told("goose", path).blocks == ()


def test_crushs_sub_agent_tells_which_call_set_it_to_work(home: Path) -> None:
    found = told("crush", crush(home)).delegations
    assert {(one.parent, one.child) for one in found} == {("", ""), ("x$$c2", "x$$c2")}
    assert {one.call for one in found} == {hash_of("c2")}


def test_only_the_last_answer_to_a_prompt_has_zeds_request(home: Path) -> None:
    path = zed_thread(home)
    found = told("zed", path)
    [one] = reading("zed", path, path.parent).sightings
    answers = [block for block in found.blocks if block.part is Part.ASSISTANT]
    assert [block.request for block in answers] == [one.key]
    assert {block.request for block in found.blocks if block.part is Part.THINKING} == {0}
    assert found.turns == ()

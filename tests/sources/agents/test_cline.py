"""Cline before 4.1, Roo Code and Kilo Code: requests of a task (FORMATS 2.12)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given

from tests.sources.agents.cline_logs import (
    AT_MS,
    OLD_MS,
    PROJECT,
    TASK,
    answered_by,
    info,
    prompts,
    request,
    say,
    task_log,
    tasks,
)
from tests.sources.agents.spoilt import HOSTILE, bytes_of, spoilt
from tests.sources.agents.test_pi import classes, folders
from tests.sources.road import CANARY, Fields, Road, Spent, reading, write
from tokwatch.model.event import Grade, Sighting
from tokwatch.model.reading import AgentNote, Reading
from tokwatch.sources import source_named
from tokwatch.sources.source import Surroundings

CALL = Spent(1, 100, 1_000, 0, 20_000, 40, 0)


def read(home: Path, *messages: Fields, source: str = "cline") -> Reading:
    """Return a reading of these messages as one task."""
    return reading(source, task_log(home, messages, source), tasks(home, source))


def one(home: Path, *messages: Fields, source: str = "cline") -> Sighting:
    """Return the only sighting of these messages."""
    (found,) = read(home, *messages, source=source).sightings
    return found


def test_a_request_counts_in_its_classes(home: Path) -> None:
    """2.12: times are milliseconds; the model is the message's own, where it tells."""
    found = one(home, say("text"), request(**answered_by("anthropic", "claude-sonnet-4-6")))

    assert classes(found) == (100, 20_000, 1_000, 0, 40, None)
    assert found.scope[:2] == ("cline", TASK)
    assert found.model == ("anthropic", "claude-sonnet-4-6", "standard")
    assert (found.instant_ms, found.logged_nano, found.offset) == (AT_MS, 12_000_000, 1)
    assert (found.grade, found.final) == (Grade.RECORD, 1)


@pytest.mark.parametrize(
    ("source", "at", "text", "fresh"),
    [
        ("roo-code", AT_MS, info(21_100), 100),
        ("roo-code", AT_MS, info(21_100, apiProtocol="anthropic"), 100),
        ("roo-code", OLD_MS, info(100, apiProtocol="anthropic"), 100),
        ("roo-code", OLD_MS, info(30_000, apiProtocol="anthropic"), 30_000),
        ("roo-code", OLD_MS, info(21_100, apiProtocol="openai"), 100),
        ("roo-code", OLD_MS, info(21_100), 100),
        ("kilo-code", AT_MS, info(21_100), 100),
        ("kilo-code", AT_MS, info(100), 100),
        ("cline", AT_MS, info(30_000), 30_000),
    ],
)
def test_what_input_means_differs(
    home: Path, source: str, at: int, text: Fields, fresh: int
) -> None:
    """Roo Code and Kilo Code tell the whole prompt since November 2025, and before by protocol."""
    assert classes(one(home, request(at, text), source=source)) == (
        *(fresh, 20_000, 1_000, 0, 40, None),
    )


@pytest.mark.parametrize(("provider", "fresh"), [("litellm", 9_000), ("openrouter", 30_000)])
def test_some_providers_of_cline_tell_the_whole_prompt(
    home: Path, provider: str, fresh: int
) -> None:
    """Cline takes the cache out of the prompt for most providers, but not for all."""
    told = request(text=info(30_000), **answered_by(provider, "m"))

    assert one(home, told).input == fresh


def test_before_a_protocol_was_told_the_model_tells(home: Path) -> None:
    log = task_log(home, [request(OLD_MS, info(30_000))], "roo-code")
    prompts(log, (OLD_MS + 5, "anthropic/claude-sonnet-4"))

    (found,) = reading("roo-code", log, tasks(home, "roo-code")).sightings

    assert (found.input, found.model.name) == (30_000, "anthropic/claude-sonnet-4")


@pytest.mark.parametrize(
    ("source", "model", "text", "may_overlap"),
    [
        ("roo-code", "claude-sonnet-4-20250514", info(cost=0), True),
        ("kilo-code", "claude-sonnet-4-20250514", info(cost=0, apiProtocol="anthropic"), True),
        ("roo-code", "claude-sonnet-4-20250514", info(cost=0, apiProtocol="openai"), False),
        ("roo-code", "claude-sonnet-4-20250514", info(), False),
        ("roo-code", "claude-sonnet-4-20250514", info(cost=None), False),
        ("roo-code", "qwen3-coder", info(cost=0), False),
        ("cline", "claude-sonnet-4-20250514", info(cost=0), False),
    ],
)
def test_what_claude_code_may_tell_too_is_marked(
    home: Path, source: str, model: str, text: Fields, *, may_overlap: bool
) -> None:
    """A subscription's answers are free, and no other provider's of these models are."""
    log = task_log(home, [request(AT_MS, text)], source)
    prompts(log, (AT_MS + 5, model))
    found = reading(source, log, tasks(home, source))

    (told,) = found.sightings
    assert [fact.key for fact in found.facts] == [told.key] * may_overlap
    assert told.output == 40


def test_a_class_that_is_missing_is_unknown(home: Path) -> None:
    found = one(home, request(text={"tokensIn": 5, "tokensOut": 7}))

    assert classes(found) == (5, None, None, None, 7, None)


def test_a_request_that_has_not_begun_to_cost_waits(home: Path, road: Road) -> None:
    """The message stands before the answer, and is filled in while that comes."""
    for text in ({"apiProtocol": "openai"}, info(100, 3, cost=None), info()):
        task_log(home, [request(text=text)])
        road.read()

    assert road.total() == CALL


@pytest.mark.parametrize(
    "more", [{"cancelReason": "user_cancelled"}, {"streamingFailedMessage": "529"}]
)
def test_an_answer_that_was_cut_is_a_lower_bound(home: Path, more: Fields) -> None:
    assert one(home, request(text=info(**more))).final == 0
    assert one(home, request(partial=True)).final == 0


def test_the_first_versions_told_the_cost_in_a_second_message(home: Path) -> None:
    started = say("api_req_started", AT_MS, {"request": CANARY})
    finished = say("api_req_finished", AT_MS + 900, info())
    stray = say("api_req_finished", AT_MS + 950, info())

    assert one(home, started, finished, stray).instant_ms == AT_MS


def test_sub_agents_and_condensing_are_told_as_sums(home: Path) -> None:
    """Of sub-agents the sum is told, of condensing only the cost."""
    beside = say("subagent_usage", AT_MS + 1, info(source="subagents"))
    condensed = say("condense_context", AT_MS + 2, contextCondense={"cost": 0.5, "summary": CANARY})

    first, second, third = read(home, request(), beside, condensed).sightings

    assert (first.grade, second.grade, second.scope.agent) == (
        *(Grade.RECORD, Grade.DERIVED, "subagents"),
    )
    assert classes(second) == classes(first)
    assert (classes(third), third.logged_nano, third.final) == ((None,) * 6, 500_000_000, 0)


@pytest.mark.parametrize("kind", ["deleted_api_reqs", "api_req_deleted"])
def test_what_was_taken_back_before_the_first_read_is_a_sum(home: Path, kind: str) -> None:
    """Messages that are taken back leave what they cost."""
    found = read(home, request(AT_MS), say(kind, AT_MS + 9, info(300, 80, 0, 0)))

    assert [(one.output, one.grade) for one in found.sightings] == [
        (40, Grade.RECORD),
        (80, Grade.DERIVED),
    ]


@pytest.mark.parametrize("provider", ["claude-code", "anthropic"])
def test_what_claude_codes_own_logs_tell_counts_there(home: Path, provider: str) -> None:
    """4.1: as a provider it is its command that asks, and logs what it asked."""
    answered = answered_by(provider, "claude-sonnet-4-6")
    log = task_log(home, [request(**answered), say("deleted_api_reqs", AT_MS + 9, info())])
    metadata = {"model_usage": [{"ts": AT_MS, "model_id": "m", "model_provider_id": provider}]}
    write(log.parent / "task_metadata.json", json.dumps(metadata).encode())

    found = reading("cline", log, home).sightings

    assert len(found) == (0 if provider == "claude-code" else 2)


def test_what_was_read_before_it_was_taken_back_counts_once(home: Path, road: Road) -> None:
    """Incremental equals rebuilt: of the sum counts what no read has told."""
    kept, gone = request(AT_MS), [request(AT_MS + 1), request(AT_MS + 2)]
    twice = say("deleted_api_reqs", AT_MS + 3, info(200, 80, 2_000, 40_000, cost=0.024))
    task_log(home, [kept, *gone])
    road.read()
    task_log(home, [kept, twice, request(AT_MS + 4)])
    road.read()

    whole = CALL.plus(CALL).plus(CALL).plus(CALL)
    assert road.total() == whole

    # Taken back together with one more that no read has seen.
    again = say("deleted_api_reqs", AT_MS + 6, info(400, 160, 4_000, 80_000, cost=0.048))
    task_log(home, [kept, again])
    road.read()

    assert road.total() == whole.plus(CALL)


def test_a_rebuild_finds_the_same_tokens(home: Path, road: Road) -> None:
    """0: an incremental day equals a rebuild from scratch."""
    taken = say("deleted_api_reqs", AT_MS + 3, info(200, 80, 2_000, 40_000, cost=0.024))
    task_log(home, [request(AT_MS), taken, request(AT_MS + 4)])
    road.read()

    assert road.total()._replace(requests=4) == CALL.plus(CALL).plus(CALL).plus(CALL)


def test_the_model_is_the_last_one_asked(home: Path) -> None:
    """2.12: Roo Code names the model in its prompts only."""
    asked = [request(AT_MS), request(AT_MS + 100), request(AT_MS + 200)]
    log = task_log(home, asked, "roo-code")
    prompts(log, (AT_MS + 20, "first"), (AT_MS + 150, "second"), (AT_MS + 250, "third"))

    found = reading("roo-code", log, tasks(home, "roo-code")).sightings

    assert [one.model.name for one in found] == ["first", "second", "third"]
    assert {one.scope.project for one in found} == {PROJECT}


def test_cline_lists_its_models_beside_the_task(home: Path) -> None:
    log = task_log(home, [request(AT_MS), request(AT_MS + 100)])
    used = [
        {"ts": AT_MS + 150, "model_id": "b", "model_provider_id": "xai", "mode": "act"},
        {"ts": AT_MS - 5, "model_id": "a", "model_provider_id": "anthropic", "mode": "plan"},
        {"ts": None, "model_id": 7},
    ]
    write(log.parent / "task_metadata.json", json.dumps({"model_usage": used}).encode())

    found = reading("cline", log, tasks(home)).sightings

    assert [one.model[:2] for one in found] == [("anthropic", "a"), ("xai", "b")]


def test_a_subtask_names_its_parent(home: Path) -> None:
    log = task_log(home, [request()], "roo-code")
    item = {"id": TASK, "parentTaskId": "p1", "workspace": "C:\\shop"}
    write(log.parent / "history_item.json", json.dumps(item).encode())

    found = reading("roo-code", log, tasks(home, "roo-code"))

    assert found.notes == (AgentNote(TASK, "", "subtask", "p1"),)
    assert (found.lineage.parent, found.sightings[0].scope.project) == ("p1", "C:\\shop")


@pytest.mark.parametrize("folder", ["C:\\Users\\ana\\shop", "/home/ana/a b", '/x"y'])
def test_the_folder_is_the_one_in_the_first_prompt(home: Path, folder: str) -> None:
    log = task_log(home, [request()])
    prompts(log, (AT_MS, "m"), folder=folder)

    (found,) = reading("cline", log, tasks(home)).sightings

    assert found.scope.project == folder


def test_troubles_are_told(home: Path) -> None:
    """0.7: usage without a time, of an unknown shape, and documents that are none."""
    odd = say("api_req_started", AT_MS, {"inputTokens": 4})
    found = read(home, request(None), odd, say("api_req_started", AT_MS, "no JSON"))
    torn = reading("cline", write(tasks(home) / "x" / "ui_messages.json", b"[{"), tasks(home))

    assert (found.sightings, found.tally.undated, found.tally.unknown) == ([], 1, 2)
    assert found.tally.sample == "inputTokens"
    assert torn.tally.bad_lines == 1


def test_one_task_in_two_editors_is_two_tasks(home: Path, road: Road) -> None:
    """Ids are times: the same one may be in two editors, and a copied folder counts once."""
    task_log(home, [request()])
    task_log(home, [request()], editor="VSCodium")
    task_log(home, [request(AT_MS + 1)], task="7")
    road.read()

    assert road.total() == CALL.plus(CALL)


def test_checkpoints_are_not_walked(home: Path, road: Road) -> None:
    """4.4: Roo Code keeps a repository of checkpoints inside each task."""
    log = task_log(home, [request()], "roo-code")
    write(log.parent / "checkpoints" / ".git" / "objects" / "ab" / "ui_messages.json", b"[]")
    road.read()

    assert [pending.found.path for pending in road.ingest.walk().logs] == [str(log)]


def test_names_are_made_safe_and_no_prompt_is_stored(
    home: Path, road: Road, tmp_path: Path
) -> None:
    """4.7: log text is hostile, and private."""
    found = one(home, request(**answered_by(HOSTILE, HOSTILE)))
    prompts(task_log(home, [say("text"), request()], "roo-code"), (AT_MS, "m"))
    road.read()

    assert not any(mark in name for name in found.model for mark in "\x1b\x07\u202e\ud800")
    stored = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    assert CANARY.encode() not in stored


@given(spoilt(request(AT_MS + 1)), spoilt(info()))
def test_garbage_costs_no_good_record(
    tmp_path_factory: pytest.TempPathFactory, message: object, text: object
) -> None:
    """4.2: whatever stands between them, good records count."""
    home = tmp_path_factory.mktemp("bad")
    inner = say("api_req_started", AT_MS + 2, json.dumps(text))
    told = [request(AT_MS), message, inner, request(AT_MS + 3)]
    log = write(tasks(home) / TASK / "ui_messages.json", bytes_of(told))
    write(log.parent / "task_metadata.json", bytes_of(message))
    write(log.parent / "api_conversation_history.json", bytes_of(text), b"\xff\x00")

    found = reading("cline", log, tasks(home)).sightings

    assert {AT_MS, AT_MS + 3} <= {one.instant_ms for one in found if one.output == 40}
    assert all(count >= 0 for one in found for count in classes(one) if count)


def test_titles_are_first_words(home: Path) -> None:
    source = source_named("roo-code")
    assert source is not None
    log = task_log(home, [request(), say("text", text="fix  the\nbuild")], "roo-code")

    assert source.title_of(log, TASK) == "fix the build"
    assert source.title_of(home / "none", TASK) == ""
    assert source.resume_command(TASK) == source.retention(Surroundings(home, {}, "linux")) == ""


def test_folders_are_those_of_every_editor(home: Path) -> None:
    """2.12: usual editors always, others where the extension is there; on each platform."""
    server = home / ".vscode-server" / "data" / "User" / "globalStorage"
    (server / "kilocode.kilo-code").mkdir(parents=True)
    source = source_named("kilo-code")
    assert source is not None
    mac = source.roots(Surroundings(home, {}, "darwin"))
    windows = source.roots(Surroundings(home, {"APPDATA": str(home / "R")}, "win32"))
    wsl = source.roots(Surroundings(home, {}, "linux", (home / "W",)))

    found = folders("kilo-code", home)

    assert found[0] == ".config/Code/User/globalStorage/kilocode.kilo-code/tasks"
    assert found[-1] == ".vscode-server/data/User/globalStorage/kilocode.kilo-code/tasks"
    assert len(found) == 6
    assert "Application Support/Cursor/User" in str(mac[3].path)
    assert windows[0].path.is_relative_to(home / "R" / "Code")
    assert wsl[-1].polled
    assert wsl[-1].path.is_relative_to(home / "W" / "AppData" / "Roaming" / "Windsurf")
    assert folders("cline", home)[-1] == ".cline/data/tasks"
    assert folders("roo-code", home)[-1] == ".vscode-mock/global-storage/tasks"
    assert folders("cline", home, CLINE_DIR=str(home / "c"))[-1] == "c/data/tasks"
    assert folders("cline", home, XDG_CONFIG_HOME=str(home / "k"))[0].startswith("k/Code/")

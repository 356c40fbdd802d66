"""Gemini CLI: tokens of each message, by FORMATS 2.3 and 2.0 and RULES section 0."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.sources.agents.gemini_logs import (
    AGENT,
    AT,
    LATER,
    MODEL,
    PROJECT,
    SESSION,
    agents_chat,
    answer,
    call,
    chat,
    chats,
    document,
    header,
    message,
    named,
    patch,
    prompt,
    tokens,
)
from tests.sources.road import Road, Spent, reading, spelt, write
from tests.sources.test_roots import folders, sourced
from tokwatch.model.event import Grade, Sighting
from tokwatch.model.reading import Reading
from tokwatch.model.usage import Dimension
from tokwatch.sources.source import Surroundings

SOURCE = "gemini-cli"
AT_MS = 1_785_578_400_000
ONE = Spent(1, 3_000, 0, 0, 9_000, 550, 200)


def read(home: Path, *lines: bytes) -> Reading:
    """Return a reading of these lines as one chat."""
    return reading(SOURCE, chat(home, *lines), home / ".gemini" / "tmp")


def read_document(log: Path) -> Reading:
    """Return a reading of a chat of the older form."""
    return reading(SOURCE, log, log.parent.parent.parent)


def classes(one: Sighting) -> tuple[int | None, ...]:
    """Return the token classes of a request."""
    return (one.input, one.cache_read, one.output, one.reasoning)


def test_a_message_counts_in_its_classes(home: Path) -> None:
    """2.3: input includes the cache, output lacks thoughts, tool use is prompt."""
    (one,) = read(home, header(), answer(spent=tokens(12_000, 350, 9_000, 200, 70))).sightings

    assert classes(one) == (3_070, 9_000, 550, 200)
    assert (one.cache_write_5m, one.cache_write_1h, one.logged_nano) == (0, 0, None)
    assert (one.requests, one.final, one.copied, one.grade) == (1, 1, 0, Grade.RECORD)
    assert (one.instant_ms, one.first_ms) == (AT_MS, AT_MS)
    assert one.scope[:4] == (SOURCE, SESSION, "", PROJECT)
    assert one.model == ("google", MODEL, "standard")


def test_the_older_form_is_one_document(home: Path, road: Road) -> None:
    """2.3: a `.json` file with all messages, written anew each time."""
    log = document(home, prompt(), message(1), message(2, tokens(500, 5, 0, 0)))
    road.read()
    first = road.total()
    document(home, prompt(), message(1), message(2, tokens(500, 5, 0, 0)), message(3))
    road.read()

    assert [one.offset for one in read_document(log).sightings] == [1, 2, 3]
    assert first == Spent(2, 3_500, 0, 0, 9_000, 555, 200)
    assert road.total() == Spent(3, 6_500, 0, 0, 18_000, 1_105, 400)


def test_a_document_that_goes_on_as_lines_is_one_chat(home: Path, road: Road) -> None:
    """0.61: a resume copies the document into a `.jsonl` beside it."""
    document(home, prompt(), message(1))
    chat(home, header(), spelt(prompt()), answer(1), answer(2, at=LATER))
    road.read()

    assert road.sums((Dimension.SESSION,)) == {(SESSION,): ONE.plus(ONE)}


def test_a_message_written_twice_counts_once(home: Path) -> None:
    """2.0: without its tool calls, then with them; the last one counts."""
    found = read(
        home,
        header(),
        answer(1, tokens(100, 1, 0, 0)),
        answer(1, tokens(100, 9, 0, 0), toolCalls=[{"id": "c", "name": "ls"}]),
    )

    assert [classes(one) for one in found.sightings] == [(100, 0, 9, 0)]
    assert found.tally.repeated == 1


def test_a_message_whose_tokens_come_later_counts(home: Path) -> None:
    """2.3: it is appended again once they are known."""
    assert [classes(one) for one in read(home, answer(tokens=None), answer()).sightings] == [
        (3_000, 9_000, 550, 200)
    ]


def test_the_first_session_of_a_file_is_its_session(home: Path, road: Road) -> None:
    """2.0: a resume writes a header of another session, and a patch."""
    other = "00000000-aaaa-4000-8000-00000000000b"
    chat(home, header(), answer(1), header(other, LATER), patch(sessionId=other), answer(2))
    road.read()

    assert road.sums((Dimension.SESSION,)) == {(SESSION,): ONE.plus(ONE)}


def test_a_session_goes_on_where_it_was_left(home: Path, road: Road) -> None:
    """4.2: what the first lines told is known to later reads."""
    log = chat(home, header(), answer(1))
    road.read()
    with log.open("ab") as file:
        file.write(header("other", LATER) + answer(2, at=LATER))
    road.read()

    assert road.sums((Dimension.SESSION, Dimension.PROJECT)) == {(SESSION, PROJECT): ONE.plus(ONE)}


def test_a_checkpoint_without_tokens_replaces_nothing(home: Path, road: Road) -> None:
    """2.0: a resume writes the history without its tokens, ids as users' included."""
    history = [
        {"id": named(1), "timestamp": LATER, "type": "user", "content": []},
        {"id": named(2), "timestamp": LATER, "type": "gemini", "content": []},
    ]
    chat(home, header(), answer(1), answer(2), patch(messages=history, lastUpdated=LATER))
    road.read()

    assert road.total() == ONE.plus(ONE)


@pytest.mark.parametrize("first", [True, False])
def test_a_checkpoint_with_tokens_repeats_messages(home: Path, road: Road, first: bool) -> None:
    """2.0: after a result was masked; a message that only it has counts."""
    checkpoint = patch(messages=[message(1, tokens(1, 1, 0, 0), LATER), message(3)])
    lines = [checkpoint, answer(1), answer(2)] if first else [answer(1), answer(2), checkpoint]
    chat(home, header(), *lines)
    road.read()

    assert road.total() == ONE.plus(ONE).plus(ONE)


def test_a_checkpoint_in_a_later_read_replaces_nothing(home: Path, road: Road) -> None:
    """2.0: nor does it where the messages were read long before."""
    log = chat(home, header(), answer(1))
    road.read()
    with log.open("ab") as file:
        file.write(patch(messages=[message(1, tokens(1, 1, 0, 0), LATER)]))
    road.read()

    assert road.total() == ONE
    assert road.events()[0].instant_ms == AT_MS


def test_what_was_rewound_was_billed(home: Path) -> None:
    """2.3: `$rewindTo` takes messages out of the conversation only."""
    found = read(home, header(), answer(1), answer(2), spelt({"$rewindTo": named(1)}), answer(3))

    assert len(found.sightings) == 3
    assert found.tally.unknown == 0


def test_a_sub_agent_is_an_agent_of_its_session(home: Path, road: Road) -> None:
    """2.3: `chats/<session>/<agent>.jsonl`; its sort is told by the session's own chat."""
    chat(home, header(), answer(1, toolCalls=[call()]))
    agents_chat(home, header(AGENT, kind="subagent", directories=[PROJECT]), answer(7))
    road.read()

    assert road.sums((Dimension.SESSION, Dimension.AGENT, Dimension.KIND)) == {
        (SESSION, "", "main"): ONE,
        (SESSION, AGENT, "generalist"): ONE,
    }


def test_an_agent_of_an_unknown_sort_is_a_sub_agent(home: Path, road: Road) -> None:
    """2.3: older versions do not name it."""
    agents_chat(home, header(AGENT, kind="subagent", directories=["/elsewhere"]), answer(7))
    road.read()

    assert road.sums((Dimension.KIND, Dimension.PROJECT)) == {("sub-agent", "shop"): ONE}


def test_an_agents_chat_among_the_sessions_is_an_agents(home: Path, road: Road) -> None:
    """2.3: before agents had folders of their own."""
    chat(home, header(AGENT, kind="subagent"), answer(7))
    road.read()

    assert road.sums((Dimension.SESSION, Dimension.KIND)) == {(AGENT, "sub-agent"): ONE}


@pytest.mark.parametrize("name", ["session-a.jsonl", "session-z.jsonl"])
def test_an_imported_session_is_the_same_requests(home: Path, road: Road, name: str) -> None:
    """0.61: `--session-file` copies messages, ids and tokens into a new session."""
    chat(home, header("imported", LATER), answer(1), answer(2, at=LATER), name=name)
    chat(home, header(), answer(1), name="session-m.jsonl")
    road.read()

    assert road.sums((Dimension.SESSION,)) == {(SESSION,): ONE, ("imported",): ONE}


def test_an_id_that_is_none_is_one_of_its_session(home: Path, road: Road) -> None:
    """0.3: short ids recur; without any a message is a request of its own."""
    for session in ("s1", "s2"):
        lines = [spelt({**message(1), "id": name}) for name in ("1", "1", None, None)]
        chat(home, header(session), *lines, name=f"{session}.jsonl")
    road.read()

    assert road.total().requests == 6


def test_the_model_is_the_one_that_answered(home: Path) -> None:
    """2.0: as logged; one of another maker has no provider."""
    found = read(home, answer(1, model="gemma-4"), answer(2, model=None), answer(3, model=7))

    assert [one.model[:2] for one in found.sightings] == [("", "gemma-4"), *[("", "unknown")] * 2]


@pytest.mark.parametrize(
    ("files", "project"),
    [
        ({"shop/.project_root": PROJECT}, PROJECT),
        ({"../projects.json": json.dumps({"projects": {"/a": "b", PROJECT: "shop"}})}, PROJECT),
        ({"../projects.json": json.dumps({"projects": {"/a": 7}})}, "shop"),
        ({"../projects.json": "[[["}, "shop"),
        ({}, "shop"),
    ],
)
def test_a_project_is_its_directory_where_it_is_known(
    home: Path, files: dict[str, str], project: str
) -> None:
    """2.3: a folder has a short name; what it stands for is told beside it."""
    log = chat(home, header(), answer())
    (chats(home).parent / ".project_root").unlink()
    for name, content in files.items():
        write(home / ".gemini" / "tmp" / name, content.encode())

    assert read_document(log).sightings[0].scope.project == project


def test_an_older_folder_is_named_by_a_digest(home: Path) -> None:
    """2.3: SHA-256 of the working directory."""
    folder = home / ".gemini" / "tmp" / sha256(PROJECT.encode()).hexdigest()
    known = json.dumps({"projects": {PROJECT: "shop"}})
    write(home / ".gemini" / "projects.json", known.encode())
    log = write(folder / "chats" / "session-1.jsonl", header(), answer())

    assert read_document(log).sightings[0].scope.project == PROJECT


def test_a_chat_elsewhere_has_the_directory_that_it_names(home: Path) -> None:
    """2.3: copied logs lie in no project's folder."""
    log = write(home / "copied" / "s.jsonl", header(directories=[PROJECT, "/b"]), answer())

    assert read_document(log).sightings[0].scope[1:4] == (SESSION, "", PROJECT)


def test_tokens_of_another_shape_are_told(home: Path) -> None:
    """Unknown is shown, with names of fields and no values."""
    found = read(home, answer(1, {"prompt": 5}), answer(2, [7]), answer(3))

    assert (len(found.sightings), found.tally.unknown) == (1, 2)
    assert "tokens" in found.tally.sample


@pytest.mark.parametrize("at", [None, "soon", True, -1, [], ""], ids=repr)
def test_a_message_without_a_time_is_undated(home: Path, at: object) -> None:
    """0.7: not counted, but shown."""
    found = read(home, answer(at=at))

    assert (list(found.sightings), found.tally.undated) == ([], 1)


@pytest.mark.parametrize("content", [b"", b"{", b"[1, 2]", b"7", b"\xff\xfe", b'{"messages": 7}'])
def test_a_document_that_is_none_tells_nothing(home: Path, content: bytes) -> None:
    """4.2: it may be half written; it is read again when it changes."""
    log = write(chats(home) / "session-1.json", content)
    found = read_document(log)

    assert list(found.sightings) == []
    assert found.tally.bad_lines == (content in (b"", b"{", b"\xff\xfe"))


def test_a_document_on_a_line_is_read(home: Path) -> None:
    """2.3: readers of the tool take either form from either file."""
    line = spelt({"sessionId": SESSION, "messages": [prompt(), message(1), message(2)]})

    assert len(read(home, line).sightings) == 2


def test_a_title_is_the_summary_or_the_first_words(home: Path) -> None:
    """Titles are read from the log on demand."""
    source = sourced(SOURCE)
    own = spelt({**prompt("<session_context>\nToday"), "id": "u0"})
    log = chat(home, header(), own, b"{broken\n", spelt(prompt("Mend \x1b[1mit")))

    assert source.title_of(log, SESSION) == "Mend [1mit"
    chat(home, header(), spelt(prompt("Mend it")), patch(summary="Repairs"), patch(lastUpdated=AT))
    assert source.title_of(log, SESSION) == "Repairs"
    old = document(home, prompt("/help"), prompt("Mend it"), summary="")
    assert source.title_of(old, SESSION) == "Mend it"
    assert source.title_of(home / "none.jsonl", SESSION) == ""
    assert source.resume_command("a b") == "gemini --resume 'a b'"


def test_how_long_chats_are_kept(home: Path) -> None:
    """4.3: thirty days unless the settings say otherwise."""
    where, source = Surroundings(home, {}, "linux"), sourced(SOURCE)
    settings = home / ".gemini" / "settings.json"
    assert source.retention(where) == ""
    chat(home, header())

    assert "older than 30d;" in source.retention(where)
    write(settings, b'{"general": {"sessionRetention": {"maxAge": "90d"}}}')
    assert "older than 90d;" in source.retention(where)
    assert str(settings) in source.retention(where)
    write(settings, b'{"general": {"sessionRetention": {"enabled": false}}}')
    assert source.retention(where) == ""


def test_where_the_logs_lie(home: Path) -> None:
    """2.3: below the home that the tool is told of."""
    assert folders(SOURCE, home) == ["~/.gemini/tmp"]
    assert folders(SOURCE, home, GEMINI_CLI_HOME="~/g") == ["~/g/.gemini/tmp"]
    assert folders(SOURCE, home, GEMINI_DATA_DIR="/a,/b/tmp") == ["/a/tmp", "/b/tmp"]
    windows = Surroundings(home, {}, "linux", (Path("/mnt/c/Users/ana"),))
    assert [root.polled for root in sourced(SOURCE).roots(windows)] == [False, True]


@pytest.mark.parametrize(
    ("path", "is_wanted"),
    [
        ("/g/tmp/p/chats/session-1.jsonl", True),
        ("/g/tmp/p/chats/session-1.json", True),
        (f"/g/tmp/p/chats/{SESSION}/{AGENT}.jsonl", True),
        ("/g/tmp/p/logs.json", False),
        ("/g/tmp/p/checkpoint-x.json", False),
        ("/g/tmp/p/tool-outputs/session-1/x.txt", False),
        ("/g/tmp/p/chats/a/b/c.jsonl", False),
    ],
)
def test_only_chats_are_wanted(path: str, is_wanted: bool) -> None:
    """2.3: prompts, checkpoints and tool output lie beside them."""
    assert sourced(SOURCE).wants(path) is is_wanted

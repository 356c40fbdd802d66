"""OpenCode: what a message counts for, by the rules of FORMATS 2.5."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sources.agents.databases import made, writing
from tests.sources.agents.opencode_logs import (
    AT_MS,
    CALL,
    MODEL,
    PROJECT,
    SCHEMA,
    Used,
    answer,
    database,
    message,
    path,
    prompt,
    session,
)
from tests.sources.road import CHUNK, MAX_LINE, Fields, Road, reading
from tests.sources.test_roots import folders, sourced
from tokwatch.model.event import Grade
from tokwatch.model.reading import Reading
from tokwatch.sources.discover import Walk
from tokwatch.sources.reader import read_log
from tokwatch.sources.source import Surroundings

SOURCE = "opencode"


def read(file: Path) -> Reading:
    """Return a reading of a database."""
    return reading(SOURCE, file, file.parent)


def one(home: Path, data: Fields) -> tuple[int | None, int | None, int | None]:
    """Return output, reasoning and logged cost of an answer."""
    (found,) = read(database(home, m1=data)).sightings
    return found.output, found.reasoning, found.logged_nano


def test_an_answer_counts_in_its_classes(home: Path) -> None:
    """2.5: input excludes the cache; times are milliseconds; the cost is kept as logged."""
    (found,) = read(database(home, m0=prompt(), m1=answer())).sightings

    assert (found.input, found.cache_read) == (120, 20_000)
    assert (found.cache_write_5m, found.cache_write_1h) == (900, 0)
    assert (found.output, found.reasoning, found.logged_nano) == (300, 0, 14_200_000)
    assert (found.requests, found.grade, found.final) == (1, Grade.RECORD, 1)
    assert (found.instant_ms, found.first_ms) == (AT_MS, AT_MS)
    assert found.scope[:5] == (SOURCE, "ses_1", "", PROJECT, "")
    assert found.model == ("anthropic", MODEL, "standard")


@pytest.mark.parametrize(
    ("used", "output"),
    [
        (Used(100, 169, 74, 0, 0, total=269), 169),
        (Used(100, 95, 74, 0, 0, total=269), 169),
        (Used(100, 169, 74, 5, 6, total=280), 169),
        (Used(100, 95, 74, 5, 6, total=280), 169),
        (Used(100, 169, 74, 5, 6), 169),
        (Used(100, 169, 74, 5, 6, total=269), 169),
        (Used(100, 20, 74, 0, 0), 94),
    ],
)
def test_the_total_shows_where_reasoning_is(home: Path, used: Used, output: int) -> None:
    """2.5: inside of output where total = input + output + cache; checked for each record."""
    assert one(home, answer(used))[:2] == (output, 74)


@pytest.mark.parametrize(
    ("used", "cost", "logged"),
    [
        (Used(total=21_320), 0.5, 500_000_000),
        (Used(100, 169, 74, 0, 0, total=269), 0.5, None),
        (Used(100, 95, 74, 0, 0, total=269), 0.5, 500_000_000),
        (CALL, 0, None),
        (CALL, -1, None),
        (CALL, "free", None),
    ],
)
def test_a_cost_that_is_wrong_is_no_cost(
    home: Path, used: Used, cost: object, logged: int | None
) -> None:
    """2.5: reasoning inside of output is billed twice, and 0 means unknown: both are computed."""
    assert one(home, answer(used, cost=cost))[2] == logged


def test_a_sub_agent_belongs_to_its_oldest_ancestor(home: Path, road: Road) -> None:
    """2.5: `parent_id` names the session that started it."""
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
        session(tables, "ses_2", "ses_1", directory="/elsewhere")
        session(tables, "ses_3", "ses_2")
        message(tables, "m1", answer(), "ses_1")
        message(tables, "m2", answer(agent="general"), "ses_2")
        message(tables, "m3", answer(agent=None, mode="explore"), "ses_3")
    found = read(file)
    road.read()

    assert [one.scope[1:4] for one in found.sightings] == [
        ("ses_1", "", PROJECT),
        ("ses_1", "ses_2", "/elsewhere"),
        ("ses_1", "ses_3", PROJECT),
    ]
    assert [note[:3] for note in found.notes] == [
        ("ses_1", "ses_2", "general"),
        ("ses_1", "ses_3", "explore"),
    ]
    assert road.total().requests == 3


def test_a_parent_that_is_gone_still_names_the_session(home: Path) -> None:
    """2.5: deleting a session need not delete what it started."""
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables, "ses_2", "ses_gone")
        message(tables, "m1", answer(), "ses_2")

    assert read(file).sightings[0].scope[1:3] == ("ses_gone", "ses_2")


def test_parents_that_go_in_a_circle_end(home: Path) -> None:
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables, "ses_1", "ses_2")
        session(tables, "ses_2", "ses_1")
        message(tables, "m1", answer())

    assert read(file).sightings[0].scope[1:3] == ("ses_2", "ses_1")


def test_the_sessions_folder_comes_before_the_messages(home: Path) -> None:
    """2.5: `directory` beats the worktree, which is `/` outside of any repository."""
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables, "ses_1", directory="/home/ana/app")
        session(tables, "ses_2", directory="")
        message(tables, "m1", answer(path={"cwd": "/home/ana", "root": "/"}))
        message(tables, "m2", answer(path={"root": "/srv"}), "ses_2")
        message(tables, "m3", answer(path="/srv"), "ses_3")

    assert [one.scope.project for one in read(file).sightings] == ["/home/ana/app", "/srv", ""]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (prompt(), (0, 0, 0)),
        (answer(tokens=None), (0, 0, 0)),
        (answer(Used(0, 0, 0, 0, 0)), (0, 0, 0)),
        (answer(role="user"), (0, 0, 0)),
        (answer(tokens=[1, 2]), (0, 0, 1)),
        (answer(tokens={"prompt": 5}), (0, 0, 1)),
        (answer(tokens={"input": 7, "cache": None}), (1, 0, 0)),
        (answer(tokens={"output": 7, "reasoning": "x"}), (1, 0, 0)),
        (answer(tokens={"cache": {"read": 7}}), (1, 0, 0)),
        (answer(time=None, modelID=None, providerID=None, agent=None), (1, 0, 0)),
        (answer(time={"created": "x"}), (1, 0, 0)),
    ],
)
def test_what_is_usage_and_what_is_not(
    home: Path, data: Fields, told: tuple[int, int, int]
) -> None:
    """2.5: every field may be missing; the row's own time is the second best."""
    found = read(database(home, m1=data))

    assert (len(found.sightings), found.tally.bad_lines, found.tally.unknown) == told


def test_what_is_broken_is_counted_once(home: Path) -> None:
    """4.2: rows that are read again are not counted again."""
    file = database(home, m1=answer())
    with writing(file) as tables:
        message(tables, "m2", "{broken")
        message(tables, "m3", answer(tokens={"prompt": 5, "total": 7}))
    first = read(file)
    again = reading(SOURCE, file, file.parent, first.cursor)

    assert (first.tally.lines, first.tally.bad_lines, first.tally.unknown) == (3, 1, 1)
    assert first.tally.sample == "prompt, total"
    assert (again.tally.lines, again.tally.bad_lines, again.tally.unknown) == (0, 0, 0)


def test_seconds_are_told_from_milliseconds(home: Path) -> None:
    """2.5: builds of MiMo Code wrote both."""
    (found,) = read(database(home, m1=answer(time={"created": AT_MS // 1000}))).sightings

    assert found.instant_ms == AT_MS


def test_an_unfinished_answer_is_a_lower_bound(home: Path) -> None:
    """0.6: what was told before the tool was killed counts."""
    (found,) = read(database(home, m1=answer(time={"created": AT_MS}))).sightings

    assert (found.output, found.final) == (300, 0)


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("opencode", "opencode/opencode.db"),
        ("opencode", "opencode/opencode-beta.db"),
        ("kilo-cli", "kilo/kilo.db"),
        ("mimo-code", "mimocode/mimocode.db"),
        ("icodemate", "icodemate/icodemate.db"),
    ],
)
def test_relatives_are_sources_of_their_own(
    home: Path, road: Road, source: str, place: str
) -> None:
    """2.5: the same tables under other names."""
    file = made(home / ".local" / "share" / place, SCHEMA)
    with writing(file) as tables:
        session(tables)
        message(tables, "m1", answer())
    road.read()

    assert [(one.scope.source, one.scope.session) for one in road.events()] == [(source, "ses_1")]


def test_sessions_that_mimo_code_took_over_are_other_tools(home: Path, road: Road) -> None:
    """2.5: it copies the sessions of Claude Code, Codex and OpenCode at every start."""
    file = made(home / ".local" / "share" / "mimocode" / "mimocode.db", SCHEMA)
    with writing(file) as tables:
        tables.execute("CREATE TABLE claude_import (source_uuid text, session_id text)")
        tables.execute(
            "CREATE TABLE external_import (source text, session_id text, time_imported integer)"
        )
        for name in ("ses_1", "ses_2", "ses_3"):
            session(tables, name)
            message(tables, f"{name}-old", answer(CALL, AT_MS), name)
            message(tables, f"{name}-new", answer(CALL, AT_MS + 90_000), name)
        tables.execute("INSERT INTO claude_import VALUES ('u', 'ses_2')")
        tables.execute(
            "INSERT INTO external_import VALUES ('codex', 'ses_3', ?)", (AT_MS + 50_000,)
        )
    road.read()

    assert {(one.scope.session, one.instant_ms - AT_MS) for one in road.events()} == {
        ("ses_1", 0),
        ("ses_1", 90_000),
        ("ses_3", 90_000),
    }


def test_where_it_looks(home: Path) -> None:
    """2.5: the folder of the user's data, or what the overrides name."""
    own = "~/.local/share/opencode"

    assert folders(SOURCE, home) == [f"{own}/storage/message", own]
    assert folders(SOURCE, home, XDG_DATA_HOME="/x") == [
        "/x/opencode/storage/message",
        "/x/opencode",
    ]
    assert folders(SOURCE, home, OPENCODE_DATA_DIR="/a, /b") == [
        *("/a/storage/message", "/b/storage/message", "/a", "/b"),
    ]
    assert folders(SOURCE, home, OPENCODE_DB="mine.db")[0] == f"{own}/mine.db"
    assert folders(SOURCE, home, OPENCODE_DB="/y/mine.db") == [
        *("/y/mine.db", f"{own}/storage/message", own),
    ]
    assert folders(SOURCE, home, OPENCODE_DB=":memory:") == folders(SOURCE, home)
    assert folders("mimo-code", home, MIMOCODE_HOME="/m")[-1] == "/m/data"


def test_where_it_looks_on_other_platforms(home: Path) -> None:
    """4.6: some builds keep to each platform's custom; under WSL the Windows side counts too."""
    assert "~/Library/Application Support/opencode" in folders(SOURCE, home, "darwin")
    assert "/l/opencode" in folders(SOURCE, home, "win32", LOCALAPPDATA="/l", APPDATA="/r")
    assert "/r/opencode" in folders(SOURCE, home, "win32", LOCALAPPDATA="/l", APPDATA="/r")
    where = Surroundings(home, {}, "linux", (Path("/mnt/c/Users/ana"),))
    polled = [str(root.path) for root in sourced(SOURCE).roots(where) if root.polled]
    assert polled[-1] == "/mnt/c/Users/ana/.local/share/opencode"


@pytest.mark.parametrize(
    ("name", "is_log"),
    [
        ("/d/opencode.db", True),
        ("/d/opencode-nightly.1.db", True),
        ("/d/opencode.db-wal", False),
        ("/d/myopencode.db", False),
        ("/d/kilo.db", False),
        ("/d/storage/message/ses_1/msg_1.json", True),
        ("/d/storage/session/p/ses_1.json", False),
        ("/d/storage/part/msg_1/prt_1.json", False),
    ],
)
def test_what_is_a_log(name: str, *, is_log: bool) -> None:
    """2.5: `opencode-<channel>.db` beside the usual one, and a file for each older message."""
    assert sourced(SOURCE).wants(name) is is_log


def test_a_database_that_a_setting_names_is_read(home: Path, tmp_path: Path) -> None:
    """2.5: `OPENCODE_DB` may call it anything; it counts once, in its folder or not."""
    named, usual = made(tmp_path / "mine.sqlite", SCHEMA), database(home, m1=answer())
    with writing(named) as tables:
        session(tables)
        message(tables, "m2", answer())
    source = sourced(SOURCE)
    for file, count in ((named, 2), (usual, 1)):
        where = Surroundings(home, {"OPENCODE_DB": str(file)}, "linux")
        found = list(Walk().over(source.roots(where), source.wants))
        assert len(found) == count
        assert found[0].path == str(file)
        assert found[0].root == file
        assert len(read_log(source, found[0], None, MAX_LINE, CHUNK).reading.sightings) == 1


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Fix\n\x1b[1m the tax", "Fix [1m the tax"),
        ("New session - 2026-08-01T10:00:00.000Z", "Add the tax"),
        ("Child session - 2026-08-01T10:00:00.000Z", "Add the tax"),
    ],
)
def test_the_title_is_the_sessions_or_its_first_words(
    home: Path, title: str, expected: str
) -> None:
    """2.5: a session is called by its time until the tool has thought of a title."""
    file = made(path(home), SCHEMA)
    parts = ({"type": "step-start"}, {"type": "text", "text": "Add the\ntax"}, {"type": "text"})
    with writing(file) as tables:
        session(tables, title=title)
        for place, part in enumerate(parts):
            tables.execute(
                "INSERT INTO part VALUES (?, 'm', 'ses_1', 0, 0, ?)",
                (f"prt_{place}", json.dumps(part)),
            )

    assert sourced(SOURCE).title_of(file, "ses_1") == expected
    assert sourced(SOURCE).title_of(file, "ses_none") == ""


def test_how_to_resume() -> None:
    """4.7: what is copied may be pasted into a shell."""
    commands = [
        sourced(name).resume_command("a b") for name in ("opencode", "kilo-cli", "mimo-code")
    ]

    assert commands == ["opencode --session 'a b'", "kilo --session 'a b'", "mimo --session 'a b'"]
    assert sourced(SOURCE).retention(Surroundings(Path(), {}, "linux")) == ""

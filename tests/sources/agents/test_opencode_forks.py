"""OpenCode's copies of messages: forks, versions, channels and files count each answer once."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from tests.sources.agents.databases import made, writing
from tests.sources.agents.opencode_logs import (
    AT_MS,
    CALL,
    SCHEMA,
    SECOND_SCHEMA,
    Used,
    answer,
    message,
    message_file,
    path,
    second,
    second_message,
    session,
    session_file,
)
from tests.sources.road import Fields, Road, Sums
from tokwatch.model.usage import Dimension

FORKED_MS = AT_MS + 60_000
BY_SESSION = (Dimension.SESSION,)


def requests(road: Road) -> dict[str | int, int]:
    """Return the requests of each session."""
    sums: Sums = road.sums(BY_SESSION)
    return {group[0]: spent.requests for group, spent in sums.items()}


def at(place: int) -> int:
    """Return when the answer of a place in a session began."""
    return AT_MS + place * 10_000


def history(tables: sqlite3.Connection, name: str = "ses_1", answers: int = 3) -> list[Fields]:
    """Add a session with some answers, and return them."""
    session(tables, name)
    told = [answer(CALL, at(place), agent="build") for place in range(answers)]
    for place, data in enumerate(told):
        message(tables, f"{name}-{place}", data, name)
    return told


def fork(
    tables: sqlite3.Connection, copied: list[Fields], name: str = "ses_f", at_ms: int = FORKED_MS
) -> None:
    """Copy answers into a new session, as a fork does: other names, the same times."""
    session(tables, name, at=at_ms)
    for place, data in enumerate(copied):
        message(tables, f"{name}-{place}", data | {"parentID": f"{name}-asked"}, name)


def test_a_forks_copies_count_once(home: Path, road: Road) -> None:
    """2.5: new names and the same content; what the fork adds is its own."""
    with writing(made(path(home), SCHEMA)) as tables:
        fork(tables, history(tables))
        message(tables, "new", answer(CALL, FORKED_MS + 5_000), "ses_f")
    road.read()

    assert requests(road) == {"ses_1": 3, "ses_f": 1}


def test_a_fork_that_is_made_later_adds_nothing(home: Path, road: Road) -> None:
    """2.5: the copies have old times, but lie behind the last row."""
    with writing(made(path(home), SCHEMA)) as tables:
        told = history(tables)
    road.read()
    with writing(path(home)) as tables:
        fork(tables, told[:2])
    road.read()
    with writing(path(home)) as tables:
        fork(tables, told[:2], "ses_g", FORKED_MS + 1)
    road.read()

    assert requests(road) == {"ses_1": 3}


def test_a_copy_counts_where_its_original_is_gone(home: Path, road: Road) -> None:
    """2.5: once, however many copies there are."""
    with writing(made(path(home), SCHEMA)) as tables:
        told = history(tables)
        fork(tables, told, "ses_f")
        fork(tables, told, "ses_g", FORKED_MS + 1)
        tables.execute("DELETE FROM message WHERE session_id = 'ses_1'")
        tables.execute("DELETE FROM session WHERE id = 'ses_1'")
    road.read()

    assert sum(requests(road).values()) == 3


def test_an_original_that_goes_later_stays_counted_once(home: Path, road: Road) -> None:
    """4.3: what was read before its session was deleted does not come back as a copy."""
    with writing(made(path(home), SCHEMA)) as tables:
        told = history(tables)
        fork(tables, told)
    road.read()
    with writing(path(home)) as tables:
        tables.execute("DELETE FROM message WHERE session_id = 'ses_1'")
        tables.execute("DELETE FROM session WHERE id = 'ses_1'")
        fork(tables, told, "ses_g", FORKED_MS + 1)
    copy = path(home).with_name("copy")
    copy.write_bytes(path(home).read_bytes())
    copy.replace(path(home))  # another file: all of it is read again
    road.read()

    assert requests(road) == {"ses_1": 3}


def test_equal_answers_of_one_instant_are_two(home: Path, road: Road) -> None:
    """0.7: sub-agents that were started together; never merge on equal content."""
    with writing(made(path(home), SCHEMA)) as tables:
        session(tables, "ses_0")
        for name in ("ses_1", "ses_2"):
            session(tables, name, "ses_0")
            message(tables, f"{name}-0", answer(), name)
    road.read()

    assert requests(road) == {"ses_0": 2}


def test_version_two_counts_its_own_messages(home: Path, road: Road) -> None:
    """2.5: no role, the model in an object, no total: reasoning stands outside of output."""
    with writing(made(path(home), SECOND_SCHEMA)) as tables:
        session(tables, table="session_v2")
        second_message(tables, "m0", {"time": {"created": AT_MS}, "text": "x"}, kind="user")
        second_message(tables, "m1", second(Used(100, 95, 74, 5, 6)))
        session(tables, "ses_2", "ses_1", table="session_v2")
        second_message(tables, "m2", second(agent="explore"), "ses_2")
    road.read()
    first, *_ = (one for one in road.events() if not one.scope.agent)

    assert (first.usage.output, first.usage.reasoning) == (169, 74)
    assert first.model[:2] == ("anthropic", "claude-sonnet-4-6")
    assert {one.scope[1:3] for one in road.events()} == {("ses_1", ""), ("ses_1", "ses_2")}


def test_a_fork_of_version_two_counts_once(home: Path, road: Road) -> None:
    """2.5: `fork_session_id` names its origin, which is no parent."""
    with writing(made(path(home), SECOND_SCHEMA)) as tables:
        session(tables, table="session_v2")
        session(tables, "ses_f", at=FORKED_MS, table="session_v2", fork_session_id="ses_1")
        for place in range(2):
            second_message(tables, f"m{place}", second(CALL, at(place)))
            second_message(tables, f"evt_9_{place}", second(CALL, at(place)), "ses_f")
        second_message(tables, "m9", second(CALL, FORKED_MS + 1), "ses_f")
    road.read()

    assert requests(road) == {"ses_1": 2, "ses_f": 1}


def test_what_version_two_took_over_counts_as_version_one_has_it(home: Path, road: Road) -> None:
    """2.5: both tables hold it; only version 1 has the total that shows where reasoning is."""
    used = Used(100, 169, 74, 0, 0, total=269)
    with writing(made(path(home), SCHEMA + SECOND_SCHEMA)) as tables:
        session(tables)
        session(tables, table="session_v2")
        for place in range(2):
            data = answer(used, at(place))
            message(tables, f"m{place}", data)
            taken = second(used._replace(total=None), at(place))
            taken["time"] = data["time"] | {"completed": at(place) + 7_000}
            second_message(tables, f"m{place}" if place else "evt_backfill", taken)
        second_message(tables, "m9", second(CALL, at(9)))
    road.read()

    assert requests(road) == {"ses_1": 3}
    assert road.total().output == 2 * 169 + 300


def test_a_fork_across_versions_counts_once(home: Path, road: Road) -> None:
    """2.5: version 2 forks a session of version 1."""
    with writing(made(path(home), SCHEMA + SECOND_SCHEMA)) as tables:
        told = history(tables)
        session(tables, table="session_v2")
        session(tables, "ses_f", at=FORKED_MS, table="session_v2", fork_session_id="ses_1")
        for place in range(len(told)):
            second_message(tables, f"evt_9_{place}", second(CALL, at(place)), "ses_f")
    road.read()

    assert requests(road) == {"ses_1": 3}


def test_channels_share_messages(home: Path, road: Road) -> None:
    """2.5: a release takes over the database of the channel before it."""
    for place in (path(home), path(home).with_name("opencode-next.db")):
        with writing(made(place, SCHEMA)) as tables:
            history(tables)
    road.read()

    assert requests(road) == {"ses_1": 3}


def test_older_files_and_the_database_share_messages(home: Path, road: Road) -> None:
    """2.5: version 1.2 took over the files and left them where they were."""
    session_file(home)
    with writing(made(path(home), SCHEMA)) as tables:
        for place, data in enumerate(history(tables)):
            message_file(home, f"ses_1-{place}", data)
    message_file(home, "only-here", answer(CALL, at(8)))
    road.read()

    assert requests(road) == {"ses_1": 4}


def test_files_count_as_rows_do(home: Path, road: Road) -> None:
    """2.5: the session's own file names its folder and its parent."""
    session_file(home, "ses_1", directory="/home/ana/app")
    session_file(home, "ses_2", parentID="ses_1")
    message_file(home, "m1", answer(agent="general"), "ses_2")
    message_file(home, "m2", {"role": "user", "time": {"created": AT_MS}})
    message_file(home, "m3", answer(), "ses_none")
    road.read()
    events = {one.scope.session: one for one in road.events()}

    assert set(events) == {"ses_1", "ses_none"}
    assert events["ses_1"].scope[2:4] == ("ses_2", "/home/ana/shop")
    assert events["ses_1"].usage.output == 300
    assert events["ses_none"].scope[2:4] == ("", "/home/ana/shop")


def test_a_file_that_is_written_again_counts_once(home: Path, road: Road) -> None:
    """2.5: an answer's file is written when it begins and when it ends."""
    session_file(home)
    for used, time in (
        (Used(0, 0, 0, 0, 0), {"created": AT_MS}),
        (CALL, {"created": AT_MS}),
        (CALL._replace(output=310), {"created": AT_MS, "completed": AT_MS + 1}),
    ):
        message_file(home, "m1", answer(used, time=time))
        road.read()

    assert (road.total().requests, road.total().output) == (1, 310)


def test_files_of_forks_count_once(home: Path, road: Road) -> None:
    """2.5: whichever is read first, and where the original is gone."""
    session_file(home)
    session_file(home, "ses_f", FORKED_MS)
    session_file(home, "ses_g", FORKED_MS + 1)
    message_file(home, "f1", answer(), "ses_f")
    message_file(home, "g1", answer(), "ses_g")
    road.read()
    assert sum(requests(road).values()) == 1
    message_file(home, "m1", answer())
    road.read()

    assert requests(road) == {"ses_1": 1}


def test_a_file_names_its_session_even_where_it_is_hostile(home: Path, road: Road) -> None:
    """4.7: a name from a log leads to no file elsewhere."""
    secret = {"directory": "/secret", "time": {"created": 1}}
    for place in (home / "x.json", home / ".local" / "x.json"):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(secret))
    session_file(home)
    message_file(home, "m1", answer() | {"sessionID": "x"})
    data = answer(CALL, at(2)) | {"id": "m2", "sessionID": "../../../../../x"}
    file = message_file(home, "m2", answer())
    file.write_text(json.dumps(data))
    road.read()

    assert {one.scope.project for one in road.events()} == {"/home/ana/shop"}

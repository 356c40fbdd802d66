"""Calibrations: the newest of each model, each user's own."""

from __future__ import annotations

from msgspec.structs import replace

from tests.store import facts
from tests.store.worlds import request, script, whole
from tokwatch.store.calibrations import write_calibrations
from tokwatch.store.connect import Database
from tokwatch.store.read.every import calibration_logs, read_calibrations
from tokwatch.store.store import workspace_id
from tokwatch.store.view import open_view
from tokwatch.tokens.calibrated import BY_LENGTH, Calibration, Kind

FIT = Calibration(
    *("claude-opus-4-8", Kind.PROMPT, "cl100k_base", 1.25, 72.5, 65, 1, 5),
    *(0.091, 0.178, 0.482, 1_000),
)


def test_a_new_fit_takes_the_place_of_the_one_before_and_others_stay(database: Database) -> None:
    workspace = workspace_id(database, "local") or 0
    other = FIT._replace(kind=Kind.ANSWER)
    length = FIT._replace(encoding=BY_LENGTH)
    write_calibrations(database, workspace, "", [FIT, other, length])

    newer = FIT._replace(a=1.5, pairs=80, fitted_ms=2_000)
    write_calibrations(database, workspace, "", [newer])

    assert sorted(read_calibrations(open_view(database, "local"))) == sorted([newer, other, length])


def test_of_several_users_the_one_who_measured_most_is_told(database: Database) -> None:
    workspace = workspace_id(database, "local") or 0
    write_calibrations(database, workspace, "ana", [FIT._replace(pairs=20)])
    write_calibrations(database, workspace, "ben", [FIT._replace(pairs=30)])
    view = open_view(database, "local")

    assert [one.pairs for one in read_calibrations(view)] == [30]
    assert [one.pairs for one in read_calibrations(replace(view, user="ana"))] == [20]


def test_logs_to_count_again_are_this_machines_newest_first(database: Database) -> None:
    writer = facts.open_writer(database)
    writer.add(
        [
            whole(script("/logs/a.jsonl", request(1))).reading,
            whole(script("/logs/b.jsonl", request(2, "s2"))).reading,
        ]
    )
    database.execute("UPDATE log SET mtime_ns = 5000000 WHERE path = '/logs/b.jsonl'")
    database.execute("UPDATE log SET mtime_ns = 3000000 WHERE path = '/logs/a.jsonl'")
    view = open_view(database, "local")

    assert [log.path for log in calibration_logs(view)] == ["/logs/b.jsonl", "/logs/a.jsonl"]
    assert [log.path for log in calibration_logs(view, 4)] == ["/logs/b.jsonl"]
    assert calibration_logs(view, machine="another") == []

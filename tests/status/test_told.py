"""What a status line's input tells, and how it gets into the store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.build import Made, build
from tokwatch.model.limits import PLAN_LIMIT
from tokwatch.model.usage import Slice
from tokwatch.status.spool import Spool
from tokwatch.status.told import FOLDER, Quota, Told, remember, told_by
from tokwatch.store.connect import Database
from tokwatch.store.read.every import measures, newest_quotas, sessions, told_windows

AT_MS = 1_795_195_000_000
SESSION = "3f0c2a9e-1111-4222-8333-944445555666"
INPUT: dict[str, Any] = {
    "hook_event_name": "Status",
    "session_id": SESSION,
    "cwd": "/home/ana/shop/src",
    "model": {"id": "claude-opus-4-6[1m]", "display_name": "Opus 4.6"},
    "workspace": {"current_dir": "/home/ana/shop/src", "project_dir": "/home/ana/shop"},
    "cost": {"total_cost_usd": 1.2345, "total_duration_ms": 45_000},
    "context_window": {
        "context_window_size": 1_000_000,
        "total_input_tokens": 152_340,
        "current_usage": {
            "input_tokens": 8_500,
            "output_tokens": 1_200,
            "cache_creation_input_tokens": 5_000,
            "cache_read_input_tokens": 140_000,
        },
        "used_percentage": 15,
        "remaining_percentage": 85,
    },
    "rate_limits": {
        "five_hour": {"used_percentage": 23.5, "resets_at": 1_795_208_400},
        "seven_day": {"used_percentage": 41.2, "resets_at": 1_795_608_400},
        "seven_day_opus": {"used_percentage": 12, "resets_at": 1_795_608_400},
    },
}


def told(**changes: object) -> Told:
    """Return what the input tells with some of its parts changed."""
    return told_by(json.dumps(INPUT | changes).encode())


def test_the_input_tells_window_quotas_and_cost() -> None:
    assert told() == Told(
        session=SESSION,
        model="claude-opus-4-6",
        model_name="Opus 4.6",
        folder="/home/ana/shop",
        cost_usd=1.2345,
        window=1_000_000,
        used_tokens=153_500,
        used_percent=15,
        quotas=(
            Quota("5h", 23.5, 300, 1_795_208_400),
            Quota("7d", 41.2, 10_080, 1_795_608_400),
            Quota("7d opus", 12, 10_080, 1_795_608_400),
        ),
    )


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b"null", b"{bad", b"\xff\xfe", b"[" * 100_000])
def test_nothing_and_garbage_tell_nothing(text: bytes) -> None:
    assert told_by(text) == Told()


def test_an_instant_where_a_percentage_belongs_is_not_told() -> None:
    limit = {"five_hour": {"used_percentage": 1_795_208_400, "resets_at": 1_795_208_400}}
    window = {"context_window_size": 1_000_000, "used_percentage": 1_795_208_400}

    assert told(rate_limits=limit).quotas == ()
    assert told(context_window=window).used_percent is None


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from(sorted(INPUT)), json_values))
def test_odd_values_are_never_fatal(changes: dict[str, Any]) -> None:
    assert isinstance(told(**changes), Told)


def files_of(data: Path) -> list[Path]:
    """Return what was left for whoever reads the logs."""
    return sorted((data / FOLDER).glob("*"))


def test_the_store_learns_window_and_quotas(tmp_path: Path, database: Database) -> None:
    view = build(database, [Made(AT_MS, session=SESSION, model="claude-opus-4-6")])
    remember(told(), str(tmp_path), AT_MS)

    spool = Spool(tmp_path, "")
    assert spool.take(database, 1, AT_MS) == 4
    assert spool.take(database, 1, AT_MS) == 0

    assert [one.tokens for one in told_windows(view)] == [1_000_000]
    assert [one.window for one in sessions(view)] == [1_000_000]
    assert [(one.name, round(one.used_share, 6)) for one in newest_quotas(view, AT_MS)] == [
        ("5h", 0.235),
        ("7d", 0.412),
        ("7d opus", 0.12),
    ]


def test_another_models_window_is_not_the_sessions(tmp_path: Path, database: Database) -> None:
    view = build(database, [Made(AT_MS, session=SESSION, model="claude-haiku-4-5")])
    remember(told(), str(tmp_path), AT_MS)
    Spool(tmp_path, "").take(database, 1, AT_MS)

    assert [one.window for one in sessions(view)] == [None]


def test_what_has_not_changed_is_written_again_only_after_a_while(tmp_path: Path) -> None:
    remember(told(), str(tmp_path), AT_MS)
    (file,) = files_of(tmp_path)
    first = file.read_bytes()
    remember(told(), str(tmp_path), AT_MS + 60_000)
    assert file.read_bytes() == first

    remember(told(), str(tmp_path), AT_MS + 600_000)
    assert json.loads(file.read_bytes())["seen_ms"] == AT_MS + 600_000
    assert file.stat().st_mode & 0o077 == 0


def test_a_file_that_is_no_telling_is_left_alone(tmp_path: Path, database: Database) -> None:
    view = build(database, [])
    folder = tmp_path / FOLDER
    folder.mkdir()
    (folder / "a.json").write_text("{")
    (folder / "b.json").write_text('{"session": 1, "model": "m", "seen_ms": 5}')
    odd = {"source": "s", "session": "x", "model": "m", "seen_ms": 5, "window": "big",
           "quotas": [["5h", "nan", 300, 5], 7]}  # fmt: skip
    (folder / "c.json").write_text(json.dumps(odd))

    assert Spool(tmp_path, "").take(database, 1, AT_MS) == 0
    assert measures(view, PLAN_LIMIT, Slice()) == []


def test_a_session_without_a_name_leaves_nothing(tmp_path: Path) -> None:
    remember(told(session_id=""), str(tmp_path), AT_MS)
    remember(told(session_id="../../x"), str(tmp_path), AT_MS)

    assert [file.name for file in files_of(tmp_path)] == ["______x.json"]

"""`tokwatch statusline` prints one line, whatever it is handed."""

from __future__ import annotations

import io
import json
import os
import time
from typing import Any

import pytest

from tests.cli.reports import World
from tests.sources.mapped.logs import configured
from tests.status.test_told import INPUT, SESSION
from tests.store.build import Made
from tokwatch.cli.statusline import read_input
from tokwatch.model.units import NANO

NOW_MS = time.time_ns() // 1_000_000
MADE = Made(NOW_MS - 1_000, session=SESSION, computed_nano=NANO // 4)


def line(world: World, text: bytes, *options: str) -> str:
    """Return the line for an input; it always exits with 0."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
        patch.setattr("tokwatch.cli.statusline.read_input", lambda stream: stream.read())
        printed = world.run("statusline", *options)
    assert printed.code == 0
    assert printed.out.count("\n") == 1
    return printed.out.rstrip("\n")


def told(**changes: Any) -> bytes:
    """Return Claude Code's input with other parts."""
    soon_s = NOW_MS // 1000 + 7_200
    limits = {"five_hour": {"used_percentage": 23.5, "resets_at": soon_s}}
    return json.dumps(INPUT | {"rate_limits": limits} | changes).encode()


def test_the_line_tells_of_tool_and_store(world: World) -> None:
    configured("[budget.daily]\nusd = 1\n")
    world.holds([MADE])

    found = line(world, told())

    assert found.startswith(
        "Opus 4.6 | ctx 15% | $1.23 | $0.25 today | daily 25% of $1.00 | 5h 24% until "
    )
    assert (world.data / "statusline" / f"{SESSION}.json").exists()


@pytest.mark.parametrize("text", [b"", b"{}", b"{bad", b"\x00\xff", b"[1]", b'"x"'])
def test_nothing_or_garbage_leaves_what_the_store_knows(world: World, text: bytes) -> None:
    world.holds([MADE])

    assert line(world, text) == "$0.25 today"
    assert not (world.data / "statusline").exists()


def test_without_a_store_the_tools_own_facts_are_shown(world: World) -> None:
    assert line(world, told(rate_limits={})) == "Opus 4.6 | ctx 15% | $1.23"
    assert line(world, b"") == ""


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        ("today", "$0.25"),
        ("week", "$0.25"),
        ("month", "$0.25"),
        ("requests", "1"),
        ("tokens", "1.1k"),
        ("cache", "cache 80%"),
        ("burn", "$3.00/h"),
        ("budget_left", "daily $0.75 left"),
        ("context_tokens", "153.5k"),
        ("window", "1M"),
        ("project", "shop"),
        ("alerts", ""),
        ("age", ""),
    ],
)
def test_each_field_has_its_value(world: World, field: str, shown: str) -> None:
    configured("[budget.daily]\nusd = 1\n")
    world.holds([MADE])

    assert line(world, told(), "--format", f"{{{field}}}") == shown
    assert line(world, told(), "--format", f"x {{{field}}}") == (f"x {shown}" if shown else "")


def test_a_session_costs_what_the_store_knows_where_the_tool_does_not_tell(world: World) -> None:
    world.holds([MADE, Made(NOW_MS - 500, session="other", computed_nano=NANO)])

    assert line(world, told(cost={}), "--format", "{session}") == "$0.25"


def test_the_format_of_the_settings_holds_and_marks_what_is_only_equivalent(world: World) -> None:
    configured('[statusline]\nformat = "<{today}>"\n[plan]\nsubscription = true\n')
    world.holds([MADE])

    assert line(world, b"{}") == "<≈$0.25>"


def test_a_typo_in_the_format_is_told(world: World) -> None:
    printed = world.run("statusline", "--format", "{todya}")

    assert printed.code == 2
    assert "{todya} is no field" in printed.err


def test_hostile_names_stay_on_the_line(world: World) -> None:
    name = {"id": "m", "display_name": "a\x1b]0;x\x07b\nc {today}"}

    assert line(world, told(model=name), "--format", "{model}") == "a]0;xbc {today}"


def test_standard_input_that_nobody_writes_to_is_not_waited_for() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stream:
        assert read_input(stream) == b""
        os.write(writing, b"{}")
        os.close(writing)
        assert read_input(stream) == b"{}"

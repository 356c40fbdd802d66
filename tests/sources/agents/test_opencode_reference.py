"""OpenCode and what was made from it against slow second readers: databases and older files."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.agents.databases import made, writing
from tests.sources.agents.opencode_logs import (
    AT_MS,
    CALL,
    SCHEMA,
    SECOND_SCHEMA,
    Used,
    answer,
    message,
    prompt,
    second,
    second_message,
    session,
    tokens,
)
from tests.sources.agents.spoilt import shuffled
from tests.sources.reference_text import table
from tests.sources.reference_text import tokens as number
from tests.sources.road import Fields, Road, Spent, write

PROGRAMS = ("opencode", "kilo", "mimocode", "icodemate")
COUNT = st.integers(0, 5_000) | st.sampled_from([None, -3, 2.5, True, "7", 2**33, 2**70])
TOTAL = st.sampled_from(["none", "inside", "outside", "other"])
SPACING = st.sampled_from([(", ", ": "), (",", ":"), (" ,\n", " :\t")])
RANDOM = st.randoms(use_true_random=False)


@st.composite
def used(draw: st.DrawFn) -> Fields:
    """Return counts of any kind, and a total that agrees with one reading of them or with none."""
    counts = [draw(COUNT) for _ in range(5)]
    sane = [number(count) for count in counts]
    totals = {"inside": sum(sane) - sane[2], "outside": sum(sane), "other": 5}
    return tokens(Used(*counts)._replace(total=totals.get(draw(TOTAL))))


ANSWERS = st.builds(
    lambda told, role: answer(CALL, AT_MS, tokens=told, role=role),
    used(),
    st.sampled_from(["assistant", "user"]),
)
MESSAGES = st.lists(ANSWERS | st.just(prompt()), max_size=6)


def refuse(constant: str) -> object:
    """Refuse what is no JSON."""
    raise ValueError(constant)


def added(texts: Iterator[str], *, is_second: bool = False) -> Spent:
    """Return what answers amount to, one by one and by the rules alone."""
    spent = Spent()
    for data in texts:
        try:
            record = json.loads(data, parse_constant=refuse)
        except (ValueError, RecursionError):
            continue
        if not is_second and record.get("role") != "assistant":
            continue
        told = table(record.get("tokens"))
        cache = table(told.get("cache"))
        fresh, output, reasoning, total = (
            number(told.get(name)) for name in ("input", "output", "reasoning", "total")
        )
        cached, written = number(cache.get("read")), number(cache.get("write"))
        whole = fresh + output + reasoning + cached + written
        if not whole:
            continue
        if is_second:
            is_apart = reasoning > output or total != whole - reasoning or not reasoning
        else:
            is_apart = reasoning > output or total == whole
        output += reasoning if is_apart else 0
        spent = spent.plus(Spent(1, fresh, written, 0, cached, output, reasoning))
    return spent


def rows(file: Path, query: str) -> Iterator[str]:
    """Return the first column of a query."""
    database = sqlite3.connect(file)
    found = database.execute(query).fetchall()
    database.close()
    return (data for (data,) in found)


def spelt(random: Random, data: Fields, spacing: tuple[str, str]) -> str:
    """Return a message with its keys in another order."""
    return json.dumps(shuffled(random, data), separators=spacing)


@pytest.mark.parametrize("program", PROGRAMS)
@settings(max_examples=12)
@given(told=MESSAGES, random=RANDOM, spacing=SPACING)
def test_a_database_amounts_to_what_a_slow_reader_finds(
    program: str, told: list[Fields], random: Random, spacing: tuple[str, str]
) -> None:
    """2.5: keys in any order, any spacing, looked at whenever."""
    with TemporaryDirectory() as scratch:
        home = Path(scratch)
        road = Road(home, home / "data")
        file = made(home / ".local" / "share" / program / f"{program}.db", SCHEMA)
        with writing(file) as tables:
            session(tables)
        for place, data in enumerate(told):
            with writing(file, random.choice(["wal", "delete"])) as tables:
                message(tables, f"m{place}", spelt(random, data, spacing))
            if random.random() < 0.5:
                road.read()
        road.read()
        found = road.total()
        road.close()

        assert found == added(rows(file, "SELECT data FROM message"))


@pytest.mark.parametrize("program", PROGRAMS)
@settings(max_examples=8)
@given(told=MESSAGES, random=RANDOM, spacing=SPACING)
def test_older_files_amount_to_what_a_slow_reader_finds(
    program: str, told: list[Fields], random: Random, spacing: tuple[str, str]
) -> None:
    """2.5: before version 1.2 each message was a file."""
    with TemporaryDirectory() as scratch:
        home = Path(scratch)
        road = Road(home, home / "data")
        folder = home / ".local" / "share" / program / "storage" / "message" / "ses_1"
        for place, data in enumerate(told):
            named = data | {"id": f"m{place}", "sessionID": "ses_1"}
            content = spelt(random, named, spacing).encode()
            write(folder / f"m{place}.json", content, random.choice([b"", b"\n"]))
            if random.random() < 0.3:
                road.read()
        road.read()
        found = road.total()
        road.close()

        assert found == added(file.read_text("utf-8") for file in sorted(folder.glob("*.json")))


SECONDS = st.lists(st.builds(lambda told: second(CALL, AT_MS, tokens=told), used()), max_size=6)


@settings(max_examples=12)
@given(told=SECONDS, random=RANDOM, spacing=SPACING)
def test_version_2_amounts_to_what_a_slow_reader_finds(
    told: list[Fields], random: Random, spacing: tuple[str, str]
) -> None:
    """2.5: another table, and reasoning apart where no total says otherwise."""
    with TemporaryDirectory() as scratch:
        home = Path(scratch)
        road = Road(home, home / "data")
        file = made(home / ".local" / "share" / "opencode" / "opencode-beta.db", SECOND_SCHEMA)
        with writing(file) as tables:
            session(tables, table="session_v2")
        for place, data in enumerate(told):
            with writing(file) as tables:
                second_message(tables, f"m{place}", data)
                text = spelt(random, data, spacing)
                tables.execute(
                    "UPDATE session_message SET data = ? WHERE id = ?", (text, f"m{place}")
                )
            if random.random() < 0.5:
                road.read()
        road.read()
        found = road.total()
        road.close()

        query = "SELECT data FROM session_message WHERE type = 'assistant'"
        assert found == added(rows(file, query), is_second=True)

"""Parsers and store against the slow second reader, on homes made up at random."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.reference import expected
from tests.sources.road import Road, Sums
from tests.sources.worlds import made_up, stored

RANDOMS = st.randoms(use_true_random=False)


def spent(sums: Sums) -> Sums:
    """Return the groups in which anything was spent."""
    return {group: spent for group, spent in sums.items() if any(spent)}


def ingested(home: Path, data: Path) -> Sums:
    """Return what a new store holds after one walk."""
    road = Road(home, data)
    road.read()
    sums = spent(road.sums())
    road.close()
    return sums


@settings(max_examples=25)
@given(random=RANDOMS)
def test_a_home_amounts_to_what_the_rules_say(random: Random) -> None:
    """Section 0, every rule: what one walk stores equals the slow reader."""
    with TemporaryDirectory() as scratch:
        home = Path(scratch, "home")
        stored(home, made_up(random))

        assert ingested(home, Path(scratch, "data")) == spent(expected(home))


@settings(max_examples=20)
@given(random=RANDOMS)
def test_the_order_of_logs_changes_nothing(random: Random) -> None:
    """Section 0: an event is a pure function of its candidates, whatever is read first."""
    logs = made_up(random)
    with TemporaryDirectory() as scratch:
        home = Path(scratch, "home")
        road = Road(home, Path(scratch, "data"))
        paths = list(logs)
        random.shuffle(paths)
        for path in paths:
            stored(home, {path: logs[path]})
            if random.random() < 0.5:
                road.read()
        road.read()
        found = spent(road.sums())
        road.close()

        assert found == spent(expected(home))


@settings(max_examples=8)
@given(random=RANDOMS)
def test_growing_logs_amount_to_the_same_as_whole_ones(random: Random) -> None:
    """Section 4.2: cut anywhere, lines and characters included, nothing is lost or doubled."""
    logs = made_up(random)
    grown = dict.fromkeys(logs, 0)
    with TemporaryDirectory() as scratch:
        home = Path(scratch, "home")
        road = Road(home, Path(scratch, "data"))
        while unfinished := [path for path in logs if grown[path] < len(logs[path])]:
            path = random.choice(unfinished)
            grown[path] += random.choice((1, 40, 400, 4_000, len(logs[path])))
            stored(home, {path: logs[path][: grown[path]]})
            if random.random() < 0.4:
                road.read()
        road.read()
        found = spent(road.sums())
        road.close()

        assert found == ingested(home, Path(scratch, "again")) == spent(expected(home))


@settings(max_examples=10)
@given(random=RANDOMS)
def test_reading_again_changes_nothing(random: Random) -> None:
    """Section 0: any log replayed any number of times changes nothing."""
    logs = made_up(random)
    with TemporaryDirectory() as scratch:
        home = Path(scratch, "home")
        stored(home, logs)
        road = Road(home, Path(scratch, "data"))
        road.read()
        before = road.sums()
        for path in logs:
            if random.random() < 0.5:
                (home / path).rename(home / f"{path}.old")
                stored(home, {path: logs[path]})
                os.remove(home / f"{path}.old")
        road.read()
        after = road.sums()
        road.close()

        assert after == before

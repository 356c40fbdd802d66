"""Numbers, instants, names and glued lines, one by one."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokwatch.sources.counts import MAX_COUNT, count, instant_ms, nano, unix_ms
from tokwatch.sources.glued import objects_of
from tokwatch.sources.text import MAX_NAME, safe_name

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NOON_MS = 1_785_585_600_000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, 5),
        (5.9, 5),
        (MAX_COUNT, MAX_COUNT),
        (MAX_COUNT + 1, 0),
        (0, 0),
        (-1, 0),
        (float("nan"), 0),
        (float("inf"), 0),
        (10**400, 0),
        (True, 0),
        (None, 0),
        ("5", 0),
    ],
)
def test_a_count_is_a_number_of_tokens_or_nothing(value: object, expected: int) -> None:
    assert count(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0125, 12_500_000),
        (0, 0),
        (3, 3_000_000_000),
        (-1, None),
        (1_000_000, None),
        (float("nan"), None),
        (10**400, None),
        (True, None),
        ("1", None),
        (None, None),
    ],
)
def test_dollars_are_nano_dollars_or_unknown(value: object, expected: int | None) -> None:
    assert nano(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-08-01T12:00:00Z", NOON_MS),
        ("2026-08-01T12:00:00.250Z", NOON_MS + 250),
        ("2026-08-01T14:00:00+02:00", NOON_MS),
        ("2026-08-01T12:00:00", NOON_MS),
        ("2026-08-01T12:00:00.123456789Z", NOON_MS + 123),
        (NOON_MS, NOON_MS),
        (NOON_MS + 0.5, NOON_MS),
        ("", None),
        ("noon", None),
        ("2026-13-01T12:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("1970-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),
        (-5, None),
        (10**400, None),
        (float("nan"), None),
        (True, None),
        (None, None),
        ([], None),
    ],
)
def test_an_instant_is_utc_milliseconds_or_none(value: object, expected: int | None) -> None:
    assert instant_ms(value) == expected


def test_an_instant_stays_in_its_day() -> None:
    """C9: microseconds are cut off, not rounded into the next day."""
    last = instant_ms("2026-08-01T23:59:59.999900Z")
    assert last is not None

    assert datetime.fromtimestamp(last / 1000, UTC).day == 1


@given(st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC)))
def test_every_millisecond_is_exact(moment: datetime) -> None:
    whole = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    expected = round(whole.timestamp() * 1000)

    assert instant_ms(whole.isoformat()) == instant_ms(moment.isoformat()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("main", "main"),
        ("größe-日本-🙂", "größe-日本-🙂"),
        ("\u001b]0;title\u0007x", "]0;titlex"),
        (" a\tb\n", "ab"),
        ("a\u202eb\u2066c\u200bd\ufeff", "abcd"),
        ("\ud800", ""),
        ("[/bold]", "[/bold]"),
    ],
)
def test_a_name_keeps_what_can_be_shown(text: str, expected: str) -> None:
    assert safe_name(text) == expected


@given(st.text())
def test_a_name_can_always_be_stored_and_shown(text: str) -> None:
    name = safe_name(text)

    assert len(name.encode()) <= 4 * MAX_NAME
    assert name.isprintable() or all(ord(c) > 127 for c in name if not c.isprintable())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1_785_578_400, 1_785_578_400_000),
        (1_785_578_400.25, 1_785_578_400_250),
        (1_785_578_400_000, 1_785_578_400_000),
        ("2026-08-01 10:00:00", 1_785_578_400_000),
        *((value, None) for value in (None, True, 0, -1, float("nan"), float("inf"), "soon", b"")),
    ],
)
def test_an_instant_is_seconds_or_milliseconds(value: object, expected: int | None) -> None:
    """2.11: one column has held both."""
    assert unix_ms(value) == expected


@given(st.lists(st.dictionaries(TEXT, TEXT, max_size=3), max_size=4), st.binary())
def test_glued_objects_are_found_with_their_places(
    objects: list[dict[str, str]], rubbish: bytes
) -> None:
    """C11: all of them, up to the first fault."""
    spelt = [json.dumps(one, ensure_ascii=False) for one in objects]
    line = "".join(spelt).encode()
    is_whole, found = objects_of(line)
    places = [place for place, _ in found]
    broken = objects_of(line + b"x" + rubbish)

    assert is_whole
    assert [one for _, one in found] == [
        json.loads(text.encode("utf-8", "replace")) for text in spelt
    ]
    assert places == [len("".join(spelt[:n]).encode("utf-8", "replace")) for n in range(len(spelt))]
    assert broken == (False, found)


@given(st.binary())
def test_no_bytes_are_too_odd_to_take_apart(line: bytes) -> None:
    is_whole, found = objects_of(line)

    assert isinstance(is_whole, bool)
    assert all(place >= 0 for place, _ in found)

"""Numbers, flags, names and instants, however a log spells them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from tokwatch.sources.mapped.values import (
    Unfit,
    flag_of,
    instant_of,
    number_of,
    observed_of,
    text_of,
)

NOON_MS = 1_785_585_600_000
"""2026-08-01 12:00 UTC."""


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, None), (5, 5), (5.5, 5.5), ("12", 12), ("0.25", 0.25), ("1e3", 1000.0)],
)
def test_numbers_may_be_written_as_text(value: object, expected: float | None) -> None:
    assert number_of(value) == expected


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, "true or false"),
        ("twelve", "text"),
        ("", "text"),
        ("1_000", "text"),
        ("9" * 100, "text"),
        ([1], "a list"),
        ({"n": 1}, "an object"),
    ],
)
def test_what_is_no_number_is_named_by_its_kind_alone(value: object, kind: str) -> None:
    with pytest.raises(Unfit, match=f"^{kind}, not a number$"):
        number_of(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, 1),
        (False, 0),
        (1, 1),
        (0.0, 0),
        ("True", 1),
        ("HIT", 1),
        ("miss", 0),
        ("", 0),
    ],
)
def test_flags_may_be_numbers_or_words(value: object, expected: int | None) -> None:
    assert flag_of(value) == expected


@pytest.mark.parametrize("value", ["perhaps", [], {}])
def test_what_says_neither_yes_nor_no_is_no_flag(value: object) -> None:
    with pytest.raises(Unfit):
        flag_of(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, 1.0), (False, 0.0), (3, 3.0), ("0.5", 0.5), (None, None), (float("inf"), None)],
)
def test_a_measure_may_be_a_number_or_a_yes_or_no(value: object, expected: float | None) -> None:
    assert observed_of(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a\x1b[31mb", "a[31mb"), (7, "7"), (True, ""), (1.5, ""), (None, ""), (["a"], "")],
)
def test_names_are_texts_or_whole_numbers_without_controls(value: object, expected: str) -> None:
    assert text_of(value) == expected


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        ("2026-08-01T12:00:00Z", "iso"),
        ("2026-08-01 14:00:00+02:00", "iso"),
        ("2026-08-01 12:00:00,000", "iso"),
        (1_785_585_600, "s"),
        ("1785585600.0", "s"),
        (1_785_585_600_000, "ms"),
        (1_785_585_600_000_000, "us"),
        (1_785_585_600_000_000_000, "ns"),
    ],
)
def test_instants_are_read_in_their_unit(value: object, unit: str) -> None:
    assert instant_of(value, unit, None) == NOON_MS


@pytest.mark.parametrize(
    ("value", "expected"),
    [("2026-08-01 14:00:00", NOON_MS), ("2026-08-01T12:00:00Z", NOON_MS), ("14 o'clock", None)],
)
def test_a_time_without_a_zone_is_of_the_mappings(value: str, expected: int | None) -> None:
    assert instant_of(value, "iso", ZoneInfo("Europe/Berlin")) == expected


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        (1_785_585_600, "iso"),
        (None, "iso"),
        (None, "s"),
        ("soon", "s"),
        (True, "ms"),
        (-5, "ms"),
        (float("nan"), "s"),
        (1_785_585_600_000, "s"),
        ([], "ns"),
    ],
)
def test_what_is_no_instant_in_the_unit_is_none(value: object, unit: str) -> None:
    assert instant_of(value, unit, None) is None

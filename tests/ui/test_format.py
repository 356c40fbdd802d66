"""Numbers, times and names as they stand on the screen."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from rich.cells import cell_len

from tests.ui.literal import NOW, dollars
from tokwatch.model.usage import Slice, Usage
from tokwatch.ui import format as fmt
from tokwatch.ui.facet_words import range_words


@pytest.mark.parametrize(
    ("nano", "places", "text"),
    [
        (0, 2, "$0.00"),
        (4_999_999, 2, "$0.00"),
        (5_000_000, 2, "$0.01"),
        (1_234_567_890_000, 2, "$1,234.57"),
        (-2_500_000_000, 2, "-$2.50"),
        (1_500_000_000, 0, "$2"),
        (123_456_789, 4, "$0.1235"),
    ],
)
def test_money_is_rounded_half_up_with_fixed_decimals(nano: int, places: int, text: str) -> None:
    assert fmt.money(nano, places) == text


def test_estimates_from_ten_dollars_on_have_no_cents() -> None:
    assert fmt.short_money(dollars(9.994)) == "$9.99"
    assert fmt.short_money(dollars(67.2)) == "$67"


def test_a_cost_without_any_price_is_never_zero() -> None:
    assert fmt.cost(0, Usage(uncosted_tokens=7)) == "unpriced"


def test_a_cost_says_what_is_missing_from_it() -> None:
    assert fmt.cost(dollars(2), Usage(uncosted_tokens=7)) == "$2.00+?"
    assert fmt.cost(dollars(2), Usage(lower_bound=1)) == "≥$2.00"
    assert fmt.cost(dollars(2), Usage(derived=1)) == "~$2.00"
    assert fmt.cost(dollars(2), Usage(derived=1, lower_bound=1)) == "≥~$2.00"
    assert fmt.cost(dollars(2), Usage()) == "$2.00"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1.0k"),
        (99_940, "99.9k"),
        (99_960, "100k"),
        (999_499, "999k"),
        (999_500, "1.0M"),
        (12_400_000, "12.4M"),
        (2_000_000_000, "2.0B"),
        (3_500_000_000_000, "3.5T"),
    ],
)
def test_counts_fit_five_characters(number: int, text: str) -> None:
    assert fmt.count(number) == text
    assert len(text) <= 5


@pytest.mark.parametrize(
    ("number", "text"),
    [(12, "12 B"), (4_200, "4.2 kB"), (734_000_000, "734.0 MB"), (2 * 10**9, "2.0 GB")],
)
def test_sizes_name_their_unit(number: int, text: str) -> None:
    assert fmt.size(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0s"),
        (9, "0s"),
        (47, "40s"),
        (60, "1m"),
        (3_599, "59m"),
        (7_300, "2h"),
        (200_000, "2d"),
    ],
)
def test_ages_move_in_steps(seconds: int, text: str) -> None:
    assert fmt.age(NOW - timedelta(seconds=seconds), NOW) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(60, "minute"), (240, "4 minutes"), (3600, "hour"), (86_400, "day"), (90, "90 s")],
)
def test_durations_use_the_largest_whole_unit(seconds: int, text: str) -> None:
    assert fmt.duration(seconds) == text


def test_times_are_local_and_tell_another_day() -> None:
    late = datetime(2025, 11, 18, 23, 30, tzinfo=UTC)
    assert fmt.clock(late, "Europe/Berlin") == "00:30"
    assert fmt.moment(late, NOW, "UTC") == "23:30"
    assert fmt.moment(late, NOW, "Europe/Berlin") == "Wed 19 Nov 00:30"
    assert fmt.moment(late.replace(year=2024), NOW, "UTC") == "18 Nov 2024 23:30"
    assert fmt.clock(late, "no/such-zone") == "23:30"


def test_days_are_words() -> None:
    assert fmt.day("2025-11-18") == "Tue 18 Nov"
    assert fmt.day("?") == "?"


def test_instants_fall_back_to_the_last_step() -> None:
    floored = fmt.floor_to(NOW.replace(microsecond=5), 10)
    assert floored == datetime(2025, 11, 18, 14, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["plain", "日本語テキスト", "a\x1b[31mred\x07\nline", "\ud800x", ""]
)
@pytest.mark.parametrize("width", [0, 1, 2, 7, 30])
def test_names_fill_exactly_their_cells(text: str, width: int) -> None:
    fitted = fmt.fit(text, width)
    assert cell_len(fitted) == width
    assert fitted.isprintable()


def test_control_characters_never_reach_the_screen() -> None:
    assert fmt.clean("a\x1b[2J\r\nb\u202ec") == "a [2J b c"


def test_numbers_stand_at_the_right() -> None:
    assert fmt.fit("$1.00", 8, right=True) == "   $1.00"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("claude-opus-4-5-20251101", "opus-4-5"),
        ("anthropic/claude-sonnet-4-5", "sonnet-4-5"),
        ("gpt-5.2", "gpt-5.2"),
        ("claude-", "claude-"),
        ("deepinfra/mixtral", "deepinfra/mixtral"),
    ],
)
def test_models_are_called_as_their_users_say(name: str, short: str) -> None:
    assert fmt.short_model(name) == short


@pytest.mark.parametrize(
    ("path", "short"),
    [
        ("/home/ana/src/shop", "shop"),
        ("C:\\work\\shop\\", "shop"),
        ("D:\\shop", "shop"),
        ("shop", "shop"),
        ("/", "/"),
    ],
)
def test_projects_are_called_by_their_folder(path: str, short: str) -> None:
    assert fmt.short_project(path) == short


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (0.0, "0.0×"),
        (0.004, "<0.1×"),
        (0.05, "0.1×"),
        (2.14, "2.1×"),
        (9.96, "10×"),
        (1234.0, "1,234×"),
    ],
)
def test_how_many_times_is_never_zero_for_something(ratio: float, text: str) -> None:
    assert fmt.times(ratio) == text


def test_ones_own_folder_is_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", os.sep + "ana")
    monkeypatch.setenv("USERPROFILE", os.sep + "ana")
    assert fmt.from_home(os.path.join(os.sep, "ana", ".codex")) == os.path.join("~", ".codex")
    assert fmt.from_home(os.path.join(os.sep, "anabel")) == os.path.join(os.sep, "anabel")
    monkeypatch.setenv("HOME", os.sep)
    assert fmt.from_home(os.path.join(os.sep, "logs")) == os.path.join(os.sep, "logs")


def test_axis_labels_show_what_they_stand_for() -> None:
    assert fmt.axis_money(dollars(0.005)) == "$0.005"
    assert fmt.axis_money(dollars(1.5)) == "$1.50"
    assert fmt.axis_money(dollars(250)) == "$250"


def test_rates_of_nothing_are_a_dash() -> None:
    assert fmt.rate(0) == "–"
    assert fmt.rate(dollars(9.8)) == "$9.80"


def test_shares_are_whole_percent() -> None:
    assert fmt.percent(0.716) == "72%"
    assert fmt.percent(None) == "n/a"


@pytest.mark.parametrize(
    ("cost_usd", "width", "shown"),
    [
        (1, 9, "$1.00"),
        (12_345.67, 9, "$12,346"),
        (123_456.78, 8, "$123,457"),
        (1_234_567.89, 9, "$1,235k"),
    ],
)
def test_an_amount_loses_its_cents_before_it_is_cut(
    cost_usd: float, width: int, shown: str
) -> None:
    assert fmt.narrow_money(dollars(cost_usd), width) == shown


def test_the_marks_of_a_cost_need_room_too() -> None:
    doubtful = Usage(lower_bound=1, uncosted_tokens=5)
    assert fmt.cost(dollars(1234.5), doubtful, 9) == "≥$1,235+?"
    derived = Usage(derived=1, lower_bound=1, uncosted_tokens=5)
    assert fmt.cost(dollars(1234.5), derived, 8) == "≥~$1k+?"


def test_a_range_tells_its_years_where_they_are_two() -> None:
    march = 1_774_224_000_000
    assert range_words(Slice(march, march + 3_600_000), "UTC") == "00:00–01:00"
    assert range_words(Slice(march, march + 90_000_000), "UTC") == "23 Mar 00:00 – 24 Mar 01:00"
    assert range_words(Slice(march, march + 32 * 10**9), "UTC") == "23 Mar 2026 – 28 Mar 2027"

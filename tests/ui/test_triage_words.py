"""A triage in words: the sentences, and that shown amounts add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.ui.literal import dollars
from tests.ui.triage_pages import (
    AFTER,
    ANOMALY,
    BASELINE,
    BEFORE,
    HAPPENED,
    NARROWED,
    NOTHING,
    OLDER,
    SHOWN,
    SICK,
    SPIKE,
    at,
    cell,
    page,
)
from tokwatch.analysis.baseline import Against, Stretch
from tokwatch.analysis.happenings import Happening, What
from tokwatch.model.caching import Cause
from tokwatch.model.units import DAY_MS, NANO, QUARTER_MS
from tokwatch.model.usage import Dimension
from tokwatch.ui import triage_names as names
from tokwatch.ui import triage_tables as tables
from tokwatch.ui import triage_words as words


def test_the_verdict_of_a_spike() -> None:
    assert words.sentences(SPIKE, "UTC") == [
        "A cost $15.60, expected $3.05 (+$12.55, 5.1×).",
        "Why: cache misses (96% of the rise), not more traffic. "
        "Where: session 7f3a·4c1, 98% of the rise.",
        "Requests +4% · tokens a request +0% · price a token +388% · "
        "cache hits 98% → 57% of the prompt · cache writes ×22",
        "Anomaly: $16.40 in 13:00–14:00 is 5.4× the usual $3.05 (18 hours around Tue 13:00); "
        "flagged from $9.15 (3×).",
    ]


def test_a_fall_is_told_as_one() -> None:
    first, why, *_ = words.sentences(page(BEFORE[1:], (*BEFORE, *AFTER), anomaly=None), "UTC")

    assert first == "A cost $4.35, expected $8.25 (-$3.90, 0.5×)."
    assert why.endswith("Where: session 7f3a·4c1, 160% of the fall.")


@pytest.mark.parametrize(
    ("after", "before", "told"),
    [
        (3.1, 9.3, "A cost $3.10, about what was expected: $3.10 (+$0.00)."),
        (3.1, 0.0, "A cost $3.10; nothing was spent in B, so there is nothing to compare it with."),
        (0.0, 9.3, "A cost $0.00, expected $3.10 (-$3.10, 0.0×)."),
        (0.003, 0.003, "A cost $0.0030, expected $0.0010 (+$0.0020, 3.0×)."),
    ],
)
def test_headlines(after: float, before: float, told: str) -> None:
    def cells(cost: float) -> tuple[object, ...]:
        return (cell("s", "p", "m", cost, requests=1, input=100),) if cost else ()

    found = page(cells(after), cells(before))  # type: ignore[arg-type]  # cells or nothing

    assert words.headline(found) == told


def test_without_any_use_nothing_is_blamed() -> None:
    assert words.sentences(NOTHING, "UTC") == ["Nothing was used in A, nor in B."]
    assert tables.change_rows(NOTHING) == []


def test_hardly_anything_before_is_not_explained_by_figures() -> None:
    tiny = (cell(SICK, "p", "m", 0.01, requests=1, input=10),)
    why = words.sentences(page(AFTER, tiny), "UTC")[1]
    assert why.startswith("Hardly anything was spent in B: nearly all of A is new. Where: ")


def test_costs_keep_their_marks() -> None:
    unsure = tuple(
        replace(one, usage=replace(one.usage, lower_bound=1, derived=1, uncosted_tokens=5))
        for one in AFTER
    )
    assert words.headline(page(unsure)).startswith("A cost ≥~$15.60+?, expected")
    unpriced = (cell("s", "p", "m", 0, requests=1, input=1_000, uncosted_tokens=1_000),)
    told = "A cost nothing that is known (1.0k tokens have no price), expected $3.05"
    assert words.headline(page(unpriced)).startswith(told)


def test_a_second_cause_is_named_where_it_matters() -> None:
    after = (cell("s", "p", "claude-opus-4-5", 7.2, requests=40, input=240_000),)
    before = (cell("s", "p", "claude-opus-4-5", 6, requests=60, input=200_000),)
    why = words.why(page(after, before, happened=()))
    assert why.startswith("Why: longer requests (62% of the rise) and more requests (38%). Where")


def test_causes_of_scattered_and_any_hours() -> None:
    told = words.why_flagged(OLDER, "UTC")
    assert "(18 hours with use)" in told
    assert told.endswith("(their scatter).")
    little = replace(ANOMALY, usual_nano=dollars(0.1), threshold_nano=dollars(1.1))
    assert words.why_flagged(little, "UTC").endswith("flagged from $1.10 ($1 more).")
    assert "in 14:00–15:00 is" in words.why_flagged(ANOMALY, "Europe/Berlin")


@pytest.mark.parametrize(
    ("happening", "told"),
    [
        (HAPPENED[0], "7f3a·4c1: prefix changed, 13 times until 13:44, $12.10 lost; "
         "first 156k tokens"),
        (HAPPENED[1], "b01e·9d2 went from haiku-4-5 to sonnet-4-5"),
        (HAPPENED[2], "tokwatch was used for the first time, $1.70 in A"),
        (HAPPENED[3], "opus-4-5: input $5.00 → $4.00 a million tokens"),
        (replace(HAPPENED[0], cause=Cause.IDLE, idle_ms=22 * 60_000, count=1, nano=None),
         "7f3a·4c1: idle for 22 min, 156k tokens sent anew"),
        (replace(HAPPENED[2], what=What.NEW_MODEL, name="claude-opus-4-5"),
         "opus-4-5 was used for the first time, $1.70 in A"),
        (replace(HAPPENED[2], what=What.NEW_SESSION), "b01e·9d2 began and cost $1.70 in A"),
        (Happening(at(13, 16), What.RETRIES, session=SICK, count=9, last_ms=at(13, 30),
                   name="overloaded 9"),
         "7f3a·4c1: 9 errors and retries until 13:30 (overloaded 9)"),
        (Happening(at(13, 16), What.COMPACTION, session=SICK, was=155_000, now=None),
         "7f3a·4c1: its context of 155k tokens became a summary, ? tokens in all"),
        (Happening(at(13, 16), What.MEMORY_CHANGE, session=SICK, tokens=1_200),
         "7f3a·4c1: a memory file changed, about 1.2k tokens"),
    ],
)  # fmt: skip
def test_happenings(happening: Happening, told: str) -> None:
    assert words.happening_words(happening, "UTC") == told


def test_every_sort_of_happening_has_words() -> None:
    for what in What:
        assert words.happening_words(Happening(at(13, 16), what, session="s", name="n"), "UTC")


def test_names_from_logs_are_cleaned() -> None:
    assert names.value_name(Dimension.PROJECT, "/a/b\x1b[31m\nc") == "b [31m c"
    assert names.value_name(Dimension.BRANCH, "") == "(none)"
    assert names.value_name(Dimension.SESSION, "short") == "short"
    odd = Happening(at(13, 0), What.MODEL_SWITCH, session="s", name="x\x07y", before="\x1b")
    assert words.happening_words(odd, "UTC").isprintable()


@given(st.lists(st.integers(-(10**13), 10**13), min_size=1, max_size=9), st.sampled_from([2, 4]))
def test_shown_amounts_add_up(parts: list[int], places: int) -> None:
    shown = names.cents(parts, places)
    unit = NANO // 10**places

    assert all(nano % unit == 0 for nano in shown)
    assert abs(sum(shown) - sum(parts)) * 2 <= unit
    for place, (one, exact) in enumerate(zip(shown, parts, strict=True)):
        assert abs(one - exact) <= unit, place


def test_the_bridge_ends_where_it_should_in_shown_amounts() -> None:
    (_, start), *steps, (_, end) = tables.bridge_rows(SPIKE)
    amounts = [float(text.replace("$", "")) for text in (start, *(text for _, text in steps))]
    assert f"${sum(amounts):.2f}" == end == "$15.60"


def test_changes_list_the_largest_of_each_or_all_of_some() -> None:
    heading, *rows = tables.change_rows(SPIKE)
    assert len(heading) == len(rows[0])
    assert [row[:2] for row in rows][:4] == [
        ("session", "7f3a·4c1"),
        ("project", "checkout-svc"),
        ("model", "opus-4-5"),
        ("agent", "main"),
    ]
    assert [row[1] for row in tables.change_rows(SPIKE, [Dimension.MODEL])[1:]] == [
        "opus-4-5",
        "sonnet-4-5",
    ]
    assert rows[0][2:] == ("$13.90", "$1.60", "+$12.30", "98%")


def test_stretches_and_baselines_in_words() -> None:
    assert names.stretch_words(SHOWN, "UTC") == "Tue 18 Nov 13:15–13:45"
    assert names.stretch_words(SHOWN, "Asia/Tokyo") == "Tue 18 Nov 22:15–22:45"
    day = Stretch(at(0, 0), at(0, 0) + DAY_MS)
    assert names.stretch_words(day, "UTC") == "Tue 18 Nov 00:00–24:00"
    assert names.stretch_words(day, "Asia/Tokyo") == "Tue 18 Nov 09:00 – Wed 19 Nov 09:00"
    assert [names.length_words(one) for one in (SHOWN, BASELINE, day)] == [
        "30 min", "1 h 30 min", "1 day",
    ]  # fmt: skip
    assert names.length_words(Stretch(0, 7 * DAY_MS)) == "7 days"
    assert names.length_words(Stretch(0, 8 * QUARTER_MS)) == "2 h"
    assert names.length_words(Stretch(0, 5 * DAY_MS // 2)) == "2.5 days"
    years = Stretch(at(0, 0) - 400 * DAY_MS, at(0, 0))
    assert names.stretch_words(years, "UTC") == "14 Oct 2024 00:00 – 18 Nov 2025 00:00"
    assert names.stretch_words(BASELINE, "UTC", SHOWN) == "11:45–13:15"
    assert names.stretch_words(BASELINE, "UTC", day) == "11:45–13:15"
    assert names.stretch_words(day, "UTC", Stretch(0, 1)).startswith("Tue 18 Nov")
    assert names.scale_words(SPIKE.triage) == "scaled by 1/3"
    assert names.trail_words(NARROWED.triage) == "project checkout-svc"


@pytest.mark.parametrize(
    ("against", "told"),
    [
        (Against.BEFORE, "the time before"),
        (Against.YESTERDAY, "the same time yesterday"),
        (Against.WEEK, "the 7 days before"),
        (None, "as given"),
    ],
)
def test_baselines_have_names(against: Against | None, told: str) -> None:
    assert names.baseline_words(replace(SPIKE, against=against)) == told


def test_days_before_are_counted_for_long_stretches() -> None:
    week = replace(SPIKE.triage, shown=Stretch(0, 7 * DAY_MS))
    told = names.baseline_words(replace(SPIKE, against=Against.YESTERDAY, triage=week))
    assert told == "the same time 7 days before"


def test_small_amounts_have_more_decimals() -> None:
    assert names.places_of(dollars(0.99)) == 4
    assert names.places_of(0, 0) == names.places_of() == 2
    assert names.places_of(dollars(0.2), -dollars(1)) == 2
    assert names.change(None) == "n/a"
    assert names.change(-0.5) == "-50%"
    assert names.change(16.2) == "×17"


def test_tables_are_aligned_by_cells() -> None:
    assert tables.aligned([("a", "1"), ("模型", "22")], 1) == ["a      1", "模型  22"]

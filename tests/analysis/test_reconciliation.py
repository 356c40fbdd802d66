"""Logs beside reports: what is compared with what, and that gaps add up."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.analysis.reconciled import (
    AT_MS,
    DAY,
    MODEL,
    USED,
    bucket,
    compared,
    cost,
    logged,
    of_cost,
    only,
    report,
    spelled,
    why,
)
from tokwatch.analysis.reconciliation import same_models
from tokwatch.model.endpoint import Bucket
from tokwatch.model.reconciliation import Figures, Why
from tokwatch.model.units import DAY_MS
from tokwatch.model.usage import Cell, Usage


def test_what_agrees_has_no_gap_and_no_reason() -> None:
    row = only(compared([logged()], report(bucket())))

    assert row.pair.gap == Figures(0, 0, 0, 0, 0, 0)
    assert row.reasons == ()


def test_days_before_the_first_figure_and_after_the_last_look_are_not_compared() -> None:
    cells = [logged(day=day) for day in range(DAY - 2, DAY + 3)]
    short = replace(report(bucket()), first_ms=AT_MS, told_ms=AT_MS + DAY_MS)

    found = compared(cells, short, days=range(DAY - 2, DAY + 3))

    assert [row.pair.day for row in found.rows] == [DAY, DAY + 1]
    assert found.untold.total == 3 * USED.total


def test_a_report_is_not_about_other_providers_gateways_models_or_tools() -> None:
    gpt = logged(model="gpt-5.5", provider="openai")
    bedrock = logged(provider="aws")
    of_tool = logged(source="opencode")

    provider = compared([logged(), gpt, bedrock], report(bucket()))
    gateway = compared([logged(), gpt], report(bucket(name="litellm"), kind="litellm"))
    tool = compared([logged(), of_tool], report(bucket(name="claude-code"), name="claude-code"))

    for found in (provider, gateway, tool):
        assert [row.pair.model for row in found.rows] == [MODEL]
        assert found.rows[0].reasons == ()
    assert provider.untold.total == 2 * USED.total
    assert gateway.untold_models == ("gpt-5.5",)
    assert tool.untold.total == USED.total


def test_without_a_provider_a_model_that_the_report_tells_is_its_own() -> None:
    unknown = [logged(provider=""), logged(provider="", model="gpt-5.5")]

    found = compared(unknown, report(bucket()))

    assert [(row.pair.model, row.reasons) for row in found.rows] == [(MODEL, ())]
    assert found.untold_models == ("gpt-5.5",)


def test_other_names_of_a_model_are_one() -> None:
    told = bucket(model="anthropic/claude-opus-4.5")
    dated = logged(model="claude-opus-4-5-20251101")

    row = only(compared([dated, logged()], report(told, bucket(model=MODEL))))

    assert row.pair.model == MODEL
    assert row.pair.logged_as == (MODEL, "claude-opus-4-5-20251101")
    assert row.pair.told_as == ("anthropic/claude-opus-4.5", MODEL)
    assert row.reasons == ()


def test_names_that_only_resemble_each_other_stay_apart() -> None:
    names = ("gpt-5", "gpt-5.5", "gpt-5-mini", "claude-opus-4-5", "claude-opus-4-1", "")
    assert same_models(names[:3], names[3:], spelled(*names)) == {name: name for name in names}


def test_a_name_that_joins_two_makes_them_one() -> None:
    known = {"a": ("a",), "b": ("b",), "c": ("a", "b")}
    assert same_models(["a", "b"], ["c"], known) == {"a": "a", "b": "a", "c": "a"}


def test_a_bill_without_models_is_compared_with_all_of_the_provider() -> None:
    cells = [logged(), logged(model="claude-haiku-4-5"), logged(provider="openai", model="gpt-5.5")]
    bill = report(cost(4_000_000_000, item="a"), cost(6_000_000_000, item="b"), name="cost")

    row = of_cost(compared(cells, bill))

    assert (row.pair.model, row.pair.logs.cost_nano, row.pair.gap.cost_nano) == ("", 10 * 10**9, 0)
    assert row.reasons == ()


def test_a_day_that_a_bill_does_not_tell_is_still_about_all_models() -> None:
    cells = [logged(day=DAY + 1), logged(day=DAY + 1, model="claude-haiku-4-5"), logged()]

    found = compared(cells, report(cost(5 * 10**9), name="cost"), days=range(DAY, DAY + 2))

    assert [(row.pair.model, row.pair.gap.cost_nano) for row in found.rows] == [
        ("", 0),
        ("", -10 * 10**9),
    ]


def test_metrics_that_name_no_model_are_compared_with_all() -> None:
    cells = [logged(), logged(model="gpt-5.5", provider="openai")]
    told = bucket(model="", name="headroom", cache_read=None, cache_write_5m=None, cost_nano=None)

    row = only(compared(cells, report(told, kind="prometheus", name="headroom")))

    assert row.pair.model == ""
    assert row.pair.gap == Figures(-10, -20_000, None, None, -40_000, None)


def test_a_provider_that_never_told_of_anything_tells_nothing() -> None:
    row = only(compared([logged()], report()))
    bill = only(compared([logged()], report(name="cost")))

    assert row.pair.says == Figures(None, 0, 0, 0, 0, None)
    assert bill.pair.says == Figures(cost_nano=0)
    assert (why(row), why(bill)) == ([Why.PAST], [Why.PAST])


counts = st.integers(0, 10**12)
unknown = st.none() | counts
cells_of = st.builds(
    logged,
    st.builds(
        Usage, requests=counts, input=counts, cache_read=counts, cache_write_5m=counts,
        cache_write_1h=counts, output=counts, auto_nano=counts, lower_bound=counts,
        uncosted_tokens=counts,
    ),
    day=st.integers(DAY, DAY + 2),
    model=st.sampled_from([MODEL, "claude-opus-4.5", "gpt-5.5"]),
    provider=st.sampled_from(["anthropic", "openai", ""]),
)  # fmt: skip
buckets_of = st.builds(
    bucket,
    day=st.integers(DAY, DAY + 2),
    model=st.sampled_from(["", MODEL, "anthropic/claude-opus-4.5", "best"]),
    requests=unknown, input=unknown, cache_read=unknown, cache_write_5m=unknown, output=unknown,
    cost_nano=unknown,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.lists(cells_of, max_size=6, unique_by=lambda cell: cell.group),
    st.lists(buckets_of, max_size=6),
    st.sampled_from(["anthropic", "openai", "litellm"]),
)
def test_gaps_add_up_and_everything_is_compared_once(
    cells: list[Cell], buckets: list[Bucket], kind: str
) -> None:
    found = compared(cells, report(*buckets, kind=kind), days=range(DAY, DAY + 3))

    for row in found.rows:
        for ours, theirs, gap in zip(row.pair.logs, row.pair.says, row.pair.gap, strict=True):
            assert gap == (None if theirs is None or ours is None else theirs - ours)
        assert all(reason.tokens != 0 or reason.why is Why.SMALL for reason in row.reasons)
        assert bool(row.reasons) == any(row.pair.gap)
    in_rows = sum(row.pair.logs.tokens or 0 for row in found.rows)
    assert in_rows + found.untold.total == sum(cell.usage.total for cell in cells)
    told = sum(row.pair.says.tokens or 0 for row in found.rows)
    assert told == sum(
        (b.input or 0) + (b.cache_read or 0) + (b.cache_write_5m or 0) + (b.output or 0)
        for b in buckets
    )
    for total in found.totals:
        for ours, theirs, gap in zip(total.logs, total.says, total.gap, strict=True):
            assert gap is None or (ours or 0) + gap == theirs

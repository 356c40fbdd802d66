"""What the screen shows of costs: a warm prefix is written anew at the price of its own cache."""

from __future__ import annotations

import pytest

from tests.workbench.benches import WORDY, desk
from tokwatch.analysis.break_even import CacheRates
from tokwatch.pages.workbench import ModelUse, WorkbenchPage
from tokwatch.workbench.answers import sums_of
from tokwatch.workbench.shown import Shown
from tokwatch.workbench.state import Bench, Cached, Origin

NOW_MS = 1_763_474_551_000
RATES = CacheRates(5_000_000_000, 6_250_000_000, 500_000_000, 10_000_000_000)


@pytest.mark.parametrize(("is_hour", "written"), [(False, 6_250), (True, 10_000)])
def test_a_cut_costs_what_writing_the_rest_for_as_long_costs(is_hour: bool, written: int) -> None:
    cached = Cached(NOW_MS - 240_000, after=40_000, is_hour=is_hour)
    bench = Bench(WORDY, Origin("context", cached=cached), model="m")
    page = WorkbenchPage((ModelUse("m", "", 1, RATES, None, None),), now_ms=NOW_MS)
    shown = Shown(bench, sums=sums_of(1, desk().worked(bench), 0), page=page)

    assert shown.warmth is not None
    assert shown.warmth.is_warm
    assert shown.warmth.sums.costs_now == shown.warmth.behind * (written - 500)

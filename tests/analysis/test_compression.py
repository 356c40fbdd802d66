"""What compressions come to, against sums by hand."""

from __future__ import annotations

from msgspec.structs import replace

from tokwatch.analysis.compression import compressions
from tokwatch.model.template import Failure, Run

RUN = Run(1, "compress", "m", (("blanks", 10), ("phrases", 30)), 100, 60, 70, 5, 1, 40)


def test_nothing_comes_to_nothing() -> None:
    found = compressions([], 0)

    assert (found.models, found.techniques, found.failures) == ((), (), ())
    assert (found.total.ratio, found.total.reduction, found.total.failure_rate) == (
        None,
        None,
        None,
    )
    assert found.optimised_share is None


def test_sums_ratios_and_shares_are_of_all_runs() -> None:
    runs = [
        RUN,
        replace(RUN, model="", before=300, after=290, stages=(("blanks", 10),), ms=60),
        replace(RUN, after=90, stages=(("phrases", 10),), failure=Failure.MISSED, summary_nano=7),
        replace(RUN, before=0, after=0, stages=(), failure=Failure.ERROR, ms=1),
    ]

    found = compressions(runs, 5_000)

    assert [one.model for one in found.models] == ["m", ""]
    total = found.total
    assert (total.runs, total.failed, total.before, total.after) == (4, 2, 500, 440)
    assert (total.ratio, total.reduction) == (500 / 440, 60 / 500)
    assert total.median_reduction == 1 - 90 / 100
    assert (total.failure_rate, total.summary_nano, total.ms) == (0.5, 7, 40)
    assert (total.accepted, total.rejected) == (20, 4)
    assert found.optimised_share == 0.1
    assert [tuple(one) for one in found.techniques] == [("phrases", 2, 40), ("blanks", 2, 20)]
    assert found.failures == ((Failure.MISSED, 1), (Failure.ERROR, 1))

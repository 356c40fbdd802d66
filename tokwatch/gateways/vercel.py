"""Vercel AI Gateway: credits left and used, which come as text."""

from __future__ import annotations

from typing import Final

from tokwatch.gateways.ask import Adapter, Ask, Gauge, Moment, Part, Poll, Told, bearer
from tokwatch.gateways.values import real


def _credits(moment: Moment, cursor: str, days: int) -> Poll:
    told = (yield Ask("/v1/credits")).document()
    found = {
        "credits_left_usd": real(told.get("balance")),
        "spent_usd": real(told.get("total_used")),
    }
    return Told(
        gauges=tuple(
            Gauge(name, value, "usd") for name, value in found.items() if value is not None
        ),
        bad=sum(value is None for value in found.values()),
    )


ADAPTER: Final = Adapter(
    "vercel",
    "Vercel AI Gateway",
    (Part("credits", 300, 60, _credits, help="credits left and used"),),
    bearer,
)

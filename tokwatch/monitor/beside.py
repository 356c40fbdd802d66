"""What a picture tells beside its sums: the tightest budget, and the endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokwatch.config import Config
from tokwatch.model.standing import Standing
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight

if TYPE_CHECKING:
    from tokwatch.model.gateway import Gateway

BUDGETS_KEPT_MS: Final = 1_000
"""The tightest budget is as old as this at most."""
GATEWAYS_KEPT_MS: Final = 2_000


class Beside:
    """Reads them, and remembers each for a moment."""

    def __init__(self) -> None:
        self._memory = Memory()

    def tightest(self, sight: Sight, config: Config) -> Standing | None:
        """Return the tightest budget; None where none is set."""
        if not (config.budget or config.split):
            return None
        from tokwatch.analysis.budgets.standing import tightest
        from tokwatch.budgets.budgeting import standings

        return self._memory.recall(
            "budget",
            (config.budget, config.split, None if sight.at_ms >= sight.now_ms else sight.at_ms),
            sight.now_ms,
            BUDGETS_KEPT_MS,
            lambda: tightest(standings(sight.view, config, sight.at_ms, sight.calendar)),
        )

    def gateways(self, sight: Sight, config: Config) -> tuple[Gateway, ...]:
        """Return the endpoints as they do now; none of them for a moment that is past."""
        if not config.endpoint or sight.at_ms < sight.now_ms:
            return ()
        from tokwatch.pages.gateways import gateway_lines
        from tokwatch.store.read.endpoints import endpoint_states

        # What fails or was paused is told at once: no other picture may follow soon.
        doing = [(one.state, one.error, one.paused) for one in endpoint_states(sight.view)]
        return self._memory.recall(
            "gateways",
            (config.endpoint, tuple(doing)),
            sight.now_ms,
            GATEWAYS_KEPT_MS,
            lambda: gateway_lines(sight.view, config, sight.now_ms, self._memory),
        )

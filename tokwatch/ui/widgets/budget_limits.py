"""Official limits of plans, tokens per minute against rate limits, and guesses where asked for."""

from __future__ import annotations

from collections.abc import Iterator

from rich.style import Style

from tokwatch.analysis.calendar import instant
from tokwatch.model.snapshot import Snapshot
from tokwatch.model.standing import QuotaStanding, RateStanding
from tokwatch.pages.budgets import EMPTY, BudgetsPage
from tokwatch.ui import budget_words as words
from tokwatch.ui import format as fmt
from tokwatch.ui.glyphs import gauge
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, width_of
from tokwatch.ui.source_words import wrapped
from tokwatch.ui.widgets.scrolled import Scrolled

MARK = "┆"


class Limits(Scrolled[BudgetsPage]):
    """A gauge for each limit, with its pace, its reset and how old that is."""

    TITLE = "limits"
    KIND = BudgetsPage
    EMPTY = EMPTY
    HELP = """
    # Limits
    **Limits of plans** as a tool last told them: Codex in its logs, Claude Code in its status line
    (`tokwatch statusline`). They say how old they are: the limit may be fuller by now, and other
    devices use it too.

    **Tokens per minute** of each provider, model and key against [limits], without cache reads;
    `┆` marks where to slow down. *held back* is what a limiter that keeps the limit would have
    done to the requests of the shown range, of half a day at most.

    Guesses from your past blocks are shown only with [limits] estimate = true.
    """

    def lines(self, content: BudgetsPage, width: int, inks: Inks) -> list[Line]:
        """Return all limits."""
        zone = self.snapshot.zone if self.snapshot else "UTC"
        found: list[Line] = []
        for quota in content.quotas:
            found += self._quota(quota, zone, width, inks)
        if not content.quotas:
            told = "no tool told of a plan's limit: Codex logs do, Claude Code's status line does"
            found += [[(part, inks.muted)] for part in wrapped(told, width)]
        for rate in content.rates:
            found += _rate(rate, width, inks)
        if content.guessed is not None:
            one = content.guessed
            told = (
                f"guess from {one.blocks} past blocks (P90), told by nobody: "
                f"≈{fmt.count(one.tokens)} tokens, ≈{fmt.short_money(one.nano)} a block"
            )
            found += [[(part, inks.muted)] for part in wrapped(told, width)]
        return found

    def _quota(self, one: QuotaStanding, zone: str, width: int, inks: Inks) -> Iterator[Line]:
        of = one.reading
        level, state = words.quota_state(one)
        name = " ".join(part for part in (of.source, of.account, of.name) if part)
        age = fmt.age(instant(of.seen_ms), self.now)
        share = of.used_share if not one.has_reset else 0.0
        told = f"{fmt.percent(of.used_share)} used"
        yield from _gauge(name, share, told, None, getattr(inks, level), width, inks)
        if one.has_reset:
            at = fmt.moment(instant(of.resets_ms), self.now, zone)
            text = f"  reset {at}; nothing was told since ({age} ago)"
        else:
            at = words.resets(of.resets_ms, self.now, zone)
            pace = f" · pace {words.pace(one.pace)}" if one.pace is not None else ""
            text = f"  {state} · resets {at}{pace} · told {age} ago"
        for part in wrapped(text, width - 2):
            yield [("  ", inks.muted), (part.strip(), inks.muted)]
        if one.runs_out_ms is not None:
            full = fmt.moment(instant(one.runs_out_ms), self.now, zone)
            yield [(fmt.fit_to(f"  full ≈{full} at that pace", width), inks.warning)]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where the numbers come from."""
        return (
            "Limits of plans: the newest reading that a tool wrote into its log or handed to "
            "`tokwatch statusline`. Pace: share used against share of time gone at that moment.",
            "Tokens per minute: input, cache writes and output of single requests in the last 60 "
            "seconds; the limits are [limits] tokens_per_minute and [limits.of]. A key goes by its "
            "alias or the begin of its hash; requests of which no log tells the key are one sum. "
            "Those requests are listed; a plan's limit is told by its tool and rests on none.",
        )


def _rate(one: RateStanding, width: int, inks: Inks) -> Iterator[Line]:
    of = one.gauge
    name = " ".join(part for part in (fmt.short_model(of.model), of.key) if part)
    ink = inks.error if of.share >= 1 else inks.warning if of.share >= of.mark else inks.good
    told = f"{fmt.count(of.tokens_per_minute):>5}/min of {fmt.count(of.limit)}"
    yield from _gauge(name, of.share, told, of.mark, ink, width, inks)
    near = " ▲" if of.peak >= of.mark * of.limit else ""
    peak = f"peak {fmt.count(of.peak)}/min, {fmt.percent(of.peak / of.limit)} of it{near}"
    for part in wrapped(f"{peak} · {words.held(one.held)}", width - 2):
        yield [("  ", inks.muted), (part, inks.warning if near else inks.muted)]


def _gauge(
    name: str, share: float, told: str, mark: float | None, ink: Style, width: int, inks: Inks
) -> Iterator[Line]:
    """Yield a name, a bar with its mark, and the numbers behind it."""
    room = max(6, min(18, width // 3))
    bar = max(4, width - room - len(told) - 2)
    full, empty = gauge(share, bar)
    if mark is not None:
        place = round(mark * bar)
        whole = full + empty
        whole = whole[:place] + MARK + whole[place + 1 :]
        full, empty = whole[: len(full)], whole[len(full) :]
    line: Line = [(fmt.fit(name, room), inks.text), (" ", inks.text)]
    line += [(full, ink), (empty, inks.muted)]
    line.append((fmt.fit(told, max(0, width - width_of(line)), right=True), inks.text))
    yield line

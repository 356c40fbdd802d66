"""Literal pages of a session: what its answers come to, from hand-made requests and blocks."""

from __future__ import annotations

from msgspec.structs import replace
from textual.pilot import Pilot

from tests.analysis.made_session import block, compaction, request, turn
from tests.ui.conftest import MakeApp, feed_of, settle
from tests.ui.literal import ROWS
from tokwatch.analysis.carried import carried, joined
from tokwatch.analysis.composition import composition
from tokwatch.analysis.delegation import lanes
from tokwatch.analysis.owned import usage_of
from tokwatch.analysis.simulated import conversation, simulations
from tokwatch.analysis.timeline import course, growth, request_lines, usable
from tokwatch.analysis.truncation import Limits
from tokwatch.model.caching import Chain
from tokwatch.model.detail import Block, Compaction, Delegation, DetailReading, Part, Turn
from tokwatch.model.session import Kin, SessionRequest
from tokwatch.model.snapshot import Context
from tokwatch.model.usage import CostMode
from tokwatch.pages.session import SessionAsk, SessionPage, breaks_of
from tokwatch.pages.session_detail import Inside
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.screens.session import SessionScreen

ROW = ROWS[0]
MAIN = Chain(ROW.source, ROW.session, "")
EXPLORE, PLAN, REVIEW = (MAIN._replace(agent=name) for name in ("a9f3", "c4d1", "d7e2"))
TOOLS = ("Read", "Bash", "Grep", "mcp__db__query", "Read", "Edit", "Read", "Bash")
CUT = 29
"""The first request behind the compaction."""
COUNT = 57
LIMITS = Limits(50, 50_000, 0.9, 2_000)


def story() -> tuple[list[SessionRequest], list[Block], list[Compaction], list[Turn]]:
    """Return a session that fills its window twice, with a pause that broke the cache."""
    requests: list[SessionRequest] = []
    blocks = [block(0, Part.MEMORY, 900, offset=1), block(1, Part.USER, 400, offset=2)]
    prompt, before, pause = 18_000, 0, 0
    for number in range(1, COUNT + 1):
        if number == CUT:
            prompt, before = 31_000, 16_000
            blocks.append(block(len(blocks), Part.SUMMARY, 3_000, offset=number * 1000 - 500))
        if number == 20:
            pause, before = 1_200_000, 0
        size = 1_500 + number * 977 % 4_000 + (9_000 if number % 16 == 5 else 0)
        one = request(
            number, 12, before, prompt - before - 12, 150 + number * 37 % 400, chain=MAIN,
            model="claude-opus-4-5-20251101", window=200_000,
        )  # fmt: skip
        at_ms = one.instant_ms + pause
        requests.append(one._replace(cached=one.cached._replace(instant_ms=at_ms, first_ms=at_ms)))
        tool, at = TOOLS[number % len(TOOLS)], number * 1000
        blocks += [
            block(len(blocks), Part.THINKING, 40, number, offset=at),
            block(len(blocks) + 1, Part.ASSISTANT, 30, number, offset=at + 1),
            block(len(blocks) + 2, Part.TOOL_CALL, 60, number, tool=tool, call=number, offset=at),
            block(len(blocks) + 3, Part.TOOL_RESULT, size, tool=tool, call=number, offset=at + 2),
        ]
        prompt, before = prompt + one.output + size * 13 // 10, prompt
    told = compaction(CUT, offset=CUT * 1000 - 600, before=167_000)
    turns = [turn(at, 1 + at * 8, 8 + at * 8) for at in range(8)]
    moved = [one._replace(begin_ms=one.begin_ms + (1_200_000 if one.number > 2 else 0))
             for one in turns]  # fmt: skip
    return requests, blocks, [told._replace(instant_ms=told.instant_ms + 1_200_000)], moved


def beside(chain: Chain, first: int, last: int) -> list[SessionRequest]:
    """Return an agent's requests, a minute apart."""
    return [
        request(1000 + number + hash_of(chain), 400, 20_000 + number * 900, 800, 300, chain=chain,
                at_ms=request(number).instant_ms)
        for number in range(first, last + 1)
    ]  # fmt: skip


def hash_of(chain: Chain) -> int:
    return sum(map(ord, chain.agent)) * 1000


def page(*, told: bool = True, reading: DetailReading | None = None) -> SessionPage:
    """Return the page of the session, with what its log tells, or from events alone."""
    requests, blocks, compactions, turns = story()
    of = course(requests, compactions if told else ())
    family = {
        MAIN: tuple(requests),
        EXPLORE: tuple(beside(EXPLORE, 4, 9)),
        PLAN: tuple(beside(PLAN, 6, 12)),
        REVIEW: tuple(beside(REVIEW, 18, 19)),
    }
    delegations = {
        MAIN.session: (
            Delegation(request(4).instant_ms, "", EXPLORE.agent, "Explore", 2_400, 0, 1),
            Delegation(request(6).instant_ms, EXPLORE.agent, PLAN.agent, "Plan", 1_100, 0, 2),
            Delegation(request(18).instant_ms, "", REVIEW.agent, "review", 0, 0, 3),
            Delegation(request(15).instant_ms, "", "", "Explore", 700, 0, 4),
        )
    }
    usages = {chain: usage_of(some) for chain, some in family.items()}
    whole = usages[MAIN] + usages[EXPLORE] + usages[PLAN] + usages[REVIEW]
    last = requests[-1].prompt
    context = Context(last, 200_000, "logged", last / 200_000, "critical")
    kin = [Kin(chain.session, chain.agent, "", "") for chain in family]
    row = replace(
        ROW, usage=usages[MAIN], cost_nano=usages[MAIN].auto_nano, context=context, hidden=None
    )
    made = SessionPage(
        *(requests[-1].instant_ms, CostMode.AUTO, MAIN),
        row=row,
        whole=whole,
        course=of,
        lines=request_lines(of),
        breaks=breaks_of(requests, compactions if told else ()),
        growth=growth(of, turns if told else ()),
        usable=usable(of, 200_000),
        lanes=lanes(kin, family, usages, delegations if told else {}),
        warning=0.75,
        critical=0.85,
        reading=reading,
        is_whole=True,
    )
    if not told:
        return made
    sized = composition(of, blocks)
    talk = conversation(of, sized)
    inside = Inside(
        *(MAIN, None, None, tuple(compactions), tuple(turns), delegations, of, sized, LIMITS),
        carried=joined([carried(of, sized, MAIN, CostMode.AUTO)]),
        conversation=talk,
        simulations=simulations(talk, LIMITS, CostMode.AUTO),
    )
    return replace(made, inside=inside)


def app_with(
    make_app: MakeApp, shown: SessionPage | None = None, **settings: object
) -> TokwatchApp:
    """Return an application whose sessions all open on this page."""
    app = make_app(**settings)
    feed_of(app).pages[SessionAsk] = shown or page()
    return app


async def opened(pilot: Pilot[int], *keys: str) -> SessionScreen:
    """Open the first session and press keys."""
    await settle(pilot)
    for key in ("enter", *keys):
        await pilot.press(key)
        await settle(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, SessionScreen)
    return screen

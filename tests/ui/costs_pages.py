"""Literal pages of the costs screen, the feed, a request and a what-if."""

from __future__ import annotations

from msgspec.structs import replace

from tests.ui.literal import NOW, dollars
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.analysis.costs import cost_table, heat_map
from tokwatch.analysis.feed import FeedLine, Helped, What
from tokwatch.analysis.five_hours import Limit, RunningBlock
from tokwatch.analysis.moving import BurnRates
from tokwatch.analysis.projection import Band
from tokwatch.analysis.what_if import Candidate, Offer, Repriced, Was, Way, WhatIf
from tokwatch.audit.raw import RawRecord
from tokwatch.model.card import ANY_TOKENS, FOREVER_MS, RateCard
from tokwatch.model.event import Grade, ModelName, Scope
from tokwatch.model.evidence import Evidence, Place
from tokwatch.model.facets import Amount, Facet, Pick, Picks, Spending, Unit, Value
from tokwatch.model.snapshot import Context
from tokwatch.model.stored import EventFact
from tokwatch.model.usage import NO_USAGE, Slice, Usage
from tokwatch.pages.burn import Block, Burning, Month
from tokwatch.pages.costs import CostsPage
from tokwatch.pages.feed import FeedPage
from tokwatch.pages.request import RequestPage
from tokwatch.pages.what_if import WhatIfPage
from tokwatch.store.read.facts import ToldFact
from tokwatch.store.read.request import StoredRequest
from tokwatch.store.read.witnesses import Statement

NOW_MS = epoch_ms(NOW)
MINUTE_MS, HOUR_MS = 60_000, 3_600_000
OPUS, SONNET, GPT = "claude-opus-4-5-20251101", "claude-sonnet-4-5", "gpt-5.2"
SHOP, WATCH = "/home/ana/checkout-svc", "/home/ana/tokwatch"


def amount(cost: float, requests: int = 10, **more: int) -> Amount:
    """Return an amount of mostly cached tokens."""
    base = Amount(requests, 1_000 * requests, 90_000 * requests, 4_000 * requests, 700 * requests)
    return base._replace(nano=dollars(cost), **more)


NOW_BY = {
    (SHOP, OPUS): amount(13.90, 180),
    (SHOP, SONNET): amount(0.12, 4),
    (WATCH, SONNET): amount(6.31, 214, lower_bound=2),
    (WATCH, "claude-haiku-4-5"): amount(0.31, 40),
    ("/home/ana/infra-tf", GPT): amount(4.90, 70, derived=70),
    ("", "deepinfra/mixtral"): amount(0, 3, missing=1_020_480),
}
BEFORE_BY = {SHOP: amount(4.10, 60), WATCH: amount(9.80, 300), "/home/ana/docs": amount(1.77, 20)}


def by_two(found: dict[tuple[str, str], Amount]) -> list[Spending]:
    """Return spending by two facets."""
    return [Spending(group, found[group]) for group in sorted(found)]


TABLE = cost_table(
    by_two(NOW_BY),
    [Spending((name,), one) for name, one in sorted(BEFORE_BY.items())],
    Facet.PROJECT,
    Facet.MODEL,
    Unit.COST,
)
HEAT = heat_map(
    [
        Spending((day, hour), amount(((day * 5 + hour * 3) % 11) * 0.9, 3))
        for day in range(7)
        for hour in range(8, 20)
        if (day + hour) % 4
    ],
    NOW_MS - 28 * 24 * HOUR_MS,
    NOW_MS,
    0,
)
LIMIT = Limit("codex", NOW_MS - 3 * MINUTE_MS, NOW_MS - 2 * HOUR_MS, NOW_MS + 3 * HOUR_MS, 41.0)
BURNING = Burning(
    BurnRates(
        *(dollars(11.40), dollars(8.10), dollars(14.20), 148_200, 221),
        tuple(dollars(place % 7 + place / 10) for place in range(60)),
    ),
    (
        Block(
            RunningBlock(LIMIT.begin_ms, LIMIT.resets_ms, dollars(4.90), 6_000_000, 70, LIMIT),
            Band(dollars(6), dollars(9), dollars(14)),
        ),
        Block(
            RunningBlock(NOW_MS - 2 * HOUR_MS, NOW_MS + 3 * HOUR_MS, dollars(23.4), 9, 511),
            Band(dollars(28), dollars(41), dollars(55)),
        ),
    ),
    Month(
        *(dollars(803.55), 12, Band(dollars(1_020), dollars(1_210), dollars(1_404))),
        NOW_MS - 18 * 24 * HOUR_MS,
    ),
)
SHOWN = Slice(NOW_MS - 4 * HOUR_MS, NOW_MS)
BEFORE = Slice(NOW_MS - 8 * HOUR_MS, NOW_MS - 4 * HOUR_MS)
COSTS = CostsPage(TABLE, Unit.COST, (), SHOWN, BEFORE, HEAT, BURNING, None)


def event(key: int, seconds: int = 0, cost: float = 0.1, **fields: object) -> EventFact:
    """Return a request so many seconds before the literal moment."""
    nano = dollars(cost)
    usage = Usage(1, 412, 155_902, 1_004, 0, 512, 88, computed_nano=nano, auto_nano=nano)
    plain = EventFact(
        key,
        NOW_MS - seconds * 1000,
        Scope("claude-code", "7f3a1111-0000-4000-8000-0000000004c1", "", SHOP, "main"),
        ModelName("anthropic", OPUS),
        usage,
        None,
        f"/home/ana/.claude/projects/{key}.jsonl",
        key * 100,
    )
    return replace(plain, **fields)


PICKS: Picks = (Pick(Facet.MODEL, OPUS), Pick(Facet.PROJECT, SHOP))
NARROWED = replace(
    COSTS,
    picks=PICKS,
    table=cost_table(
        [Spending(("7f3a1111-0000-4000-8000-0000000004c1", "main"), amount(13.90, 180))],
        [],
        Facet.SESSION,
        Facet.KIND,
        Unit.COST,
    ),
)
LISTED = replace(NARROWED, events=tuple(event(key, key * 40, key / 10) for key in range(1, 31)))
NOTHING = replace(
    COSTS,
    table=cost_table([], [], Facet.PROJECT, Facet.MODEL, Unit.COST),
    heat=heat_map([], HEAT.since_ms, HEAT.until_ms, 0),
    burning=Burning(BurnRates(trend_nano=(0,) * 60), (), Month(0, 12, None, NOW_MS)),
)


def table_of(rows: Facet, *values: Value, unit: Unit = Unit.COST) -> CostsPage:
    """Return a page with a line for each value, without columns."""
    spent = [Spending((value,), amount(place + 1.0)) for place, value in enumerate(values)]
    return replace(COSTS, table=cost_table(spent, None, rows, None, unit), unit=unit, before=None)


def line(
    what: What = What.REQUEST,
    key: int = 1,
    seconds: int = 0,
    *,
    agent: str = "",
    kind: str = "main",
    share: float | None = 0.47,
    helped: Helped = Helped(),  # noqa: B008 -- frozen
    cost: float = 0.1,
    model: str = OPUS,
) -> FeedLine:
    """Return a line of the feed."""
    found = event(key, seconds, cost)
    is_request = what is What.REQUEST
    level = "ok" if share is None or share < 0.75 else "warning" if share < 0.85 else "critical"
    context = None if share is None else Context(
        round(share * 200_000), 200_000, "logged", share, level
    )  # fmt: skip
    return FeedLine(
        what,
        found.instant_ms,
        str(key) if is_request else f"{key} {what}",
        found.scope._replace(agent=agent),
        kind,
        ModelName("anthropic", model),
        NO_USAGE if what is What.FLIGHT else found.usage,
        context if is_request else None,
        helped,
        found if is_request else None,
    )


FEED = FeedPage(
    (
        line(What.FLIGHT, 9, 4, kind="Explore", agent="a9", model="claude-haiku-4-5"),
        line(key=8, share=0.93, cost=0.99),
        line(What.FINISHED, 7, 31, kind="Explore", agent="a9", cost=0.22),
        line(key=7, seconds=31, kind="Explore", agent="a9", share=0.14, cost=0.0123),
        line(key=6, seconds=44, share=0.78, helped=Helped(saved_tokens=4_200)),
        line(
            key=5, seconds=58, share=None, model=GPT, cost=0.0,
            helped=Helped(from_cache=True, saved_nano=dollars(0.0421)),
        ),
        line(What.STARTED, 4, 75, kind="Explore", agent="a9"),
        line(What.QUIET, 3, 400, kind="Plan", agent="c4", cost=0.09),
        line(What.ENDED, 2, 4_000, cost=1.77),
    ),
    NOW_MS,
)  # fmt: skip

PLACE = Place("", "/home/ana/.claude/projects/checkout/7f3a.jsonl", 18_311, Grade.RECORD)
GATEWAY = Place("", "/var/log/litellm.jsonl", 7, Grade.WITNESS)
STORED = StoredRequest(
    Evidence(
        0x13B1D9F414974D61,
        NOW_MS,
        Scope("claude-code", "7f3a1111-0000-4000-8000-0000000004c1", "", SHOP, "main"),
        ModelName("anthropic", OPUS, "fast"),
        *(1, 412, 155_902, None, 1_004, 512, 88, dollars(0.1), dollars(0.0987), True, PLACE),
        (GATEWAY,),
    ),
    *("main", NOW_MS - 4_200, 2, 200_000, "claude-opus-4-5", ""),
    (
        ToldFact("duration_ms", 9_300, "claude-code"),
        ToldFact("tokens_saved", 4_200, "litellm"),
    ),
    (
        Statement(
            *("claude-code", PLACE.path, PLACE.offset, Grade.RECORD, True),
            *(412, 155_902, 1_004, 512, 88, dollars(0.1)),
        ),
        Statement(
            *("litellm", GATEWAY.path, 7, Grade.WITNESS, True),
            *(412, 155_902, None, 515, None, None),
        ),
    ),
)
REQUEST = RequestPage(STORED, Context(157_318, 200_000, "logged", 0.787, "warning"))
RAW = replace(
    REQUEST,
    raw=RawRecord('{\n  "type": "assistant",\n  "text": "[red]not markup[/red] \\u001b[2J"\n}'),
)


def repriced(name: str, cost: float | None, **fields: object) -> Repriced:
    """Return a model of a what-if."""
    nano = None if cost is None else dollars(cost)
    half = None if nano is None else nano // 2
    ways = {Way.CACHED: nano, Way.FRESH: nano and nano * 7, Way.HOUR: nano, Way.BATCH: half}
    card = RateCard._make(
        (0, FOREVER_MS, -1, ANY_TOKENS, *(dollars(rate) for rate in (5, 0.5, 6.25, 10, 25)),
         0, "genai-prices")
    )  # fmt: skip
    plain = Repriced(
        Candidate(ModelName("anthropic", name), 200_000),
        Offer((card,), name, "anthropic"),
        ways,
        0,
        (Was(ModelName("anthropic", OPUS), 180, dollars(13.9), nano or 0),),
    )
    return replace(plain, **fields)


WHAT_IF = WhatIfPage(
    WhatIf(
        (
            repriced("claude-haiku-4-5", 2.78, too_large=12),
            repriced(
                "claude-sonnet-4-5",
                8.34,
                candidate=Candidate(ModelName("anthropic", "claude-sonnet-4-5"), 1_000_000),
            ),
            repriced(
                "claude-opus-4-5",
                13.9,
                candidate=Candidate(ModelName("anthropic", "claude-opus-4-5"), None, is_used=True),
            ),
            repriced("no-price", None),
        ),
        *(511, 49_000_000, dollars(25.54), dollars(25.54), (("deepinfra/mixtral", 1_020_480),)),
        212_000,
    ),
    PICKS,
    SHOWN,
    3,
    511,
    511,
)

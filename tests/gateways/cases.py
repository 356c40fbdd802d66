"""What every kind of endpoint tells of the same use, as it is documented; a test adds to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.endpoint_server import Answer, EndpointServer, Query
from tests.gateways.polling import Desk, desk
from tests.gateways.world import BEFORE, CENT_NANO, EVENTS, HOUR_MS, Ledger, World
from tokwatch.gateways.kinds import MODULES, adapter_of
from tokwatch.gateways.poll import Endpoint
from tokwatch.gateways.values import day, iso, moment
from tokwatch.model.units import DAY_MS


@dataclass(frozen=True)
class Case:
    """How one part of one kind tells of a world, and what must stand in the ledger then."""

    tell: Callable[[EndpointServer, World], None]
    stands: Callable[[Ledger], float]
    expected: Callable[[World], float] = lambda world: world.total
    path: str = ""
    """What the configured address ends with."""
    late_ms: int = 90 * 60_000
    """How late it may tell of a use."""
    may_lack: bool = False
    """True where a 404 only says that something is not there."""


def output(ledger: Ledger) -> float:
    return sum(bucket.output or 0 for bucket in ledger.buckets.values())


def cents(ledger: Ledger) -> float:
    return sum(bucket.cost_nano or 0 for bucket in ledger.buckets.values()) / CENT_NANO


def gauge(name: str) -> Callable[[Ledger], float]:
    return lambda ledger: ledger.gauges.get(name, -1)


def grown(world: World) -> float:
    """Return what was used after the first look."""
    return world.total - BEFORE


def always(path: str, body: Callable[[World], object]) -> Callable[..., None]:
    """Return what answers so on a path, as the world then is."""

    def tell(server: EndpointServer, world: World) -> None:
        server.answers[path] = lambda query: Answer(body(world))

    return tell


def asked(path: str, body: Callable[[World, Query], object]) -> Callable[..., None]:
    """Return what answers so on a path, by what is asked for."""

    def tell(server: EndpointServer, world: World) -> None:
        server.answers[path] = lambda query: Answer(body(world, query))

    return tell


def text(template: str) -> Callable[[World], object]:
    """Return metrics of a counter or gauge."""
    return lambda world: f"{template} {world.total}\n".encode()


def both(*tells: Callable[..., None]) -> Callable[..., None]:
    def tell(server: EndpointServer, world: World) -> None:
        for one in tells:
            one(server, world)

    return tell


def last(data: list[object], **more: object) -> dict[str, object]:
    """Return a last page."""
    return {"data": data, "has_more": False, "next_page": None, **more}


READY = always("/health/readiness", lambda world: {"status": "healthy", "db": "connected"})


def openai(width_ms: int, of: Callable[[int], object]) -> Callable[[World, Query], object]:
    def body(world: World, query: Query) -> object:
        sums = world.sums(int(query["start_time"]) * 1000, width_ms)
        return last([{"start_time": at // 1000, "results": [of(n)]} for at, n in sums.items()])

    return body


def anthropic(of: Callable[[int], object]) -> Callable[[World, Query], object]:
    def body(world: World, query: Query) -> object:
        sums = world.sums(moment(query["starting_at"]), HOUR_MS)
        rows: list[Any] = [of(tokens) for tokens in sums.values()]
        return last([{"starting_at": iso(at), **row} for at, row in zip(sums, rows, strict=True)])

    return body


def admin(width_ms: int, of: Callable[[int], object]) -> Callable[[World, Query], object]:
    def body(world: World, query: Query) -> object:
        sums = world.sums(moment(query["starting_at"]), width_ms)
        return last([{"starting_at": iso(at), "results": [of(n)]} for at, n in sums.items()])

    return body


def on_day(world: World, date: str) -> int:
    return world.sums(0, DAY_MS).get(moment(date) or 0, 0)


def claude_code(world: World, query: Query) -> object:
    tokens = {"input": 1, "output": on_day(world, query["starting_at"])}
    model = {"model": "m", "tokens": tokens, "estimated_cost": {}}
    return last([{"actor": {}, "model_breakdown": [model]}])


def spend_logs(world: World, query: Query) -> object:
    rows = [
        {"request_id": f"r{number}", "startTime": iso(at_ms), "completion_tokens": tokens}
        for number, at_ms, tokens in world.since(moment(query["start_date"]))
    ]
    return {"data": rows, "total_pages": 1}


def litellm_days(world: World, query: Query) -> object:
    days = world.sums(moment(query["start_date"]), DAY_MS)
    results = [
        {"date": day(at), "breakdown": {"models": {"m": {"metrics": metrics}}}}
        for at, tokens in days.items()
        for metrics in ({"prompt_tokens": 1, "completion_tokens": tokens},)
    ]
    return {"results": results, "metadata": {"has_more": False}}


def activity(world: World) -> object:
    """Return whole days, as OpenRouter lists them: today is none yet."""
    days = world.sums(0, DAY_MS)
    return {
        "data": [
            {"date": day(at), "prompt_tokens": 1, "completion_tokens": tokens, "usage": 1}
            for at, tokens in days.items()
            if at < world.today_ms
        ]
    }


def langfuse(world: World, query: Query) -> object:
    hours = world.sums(moment(json.loads(query["query"])["fromTimestamp"]), HOUR_MS)
    return {
        "data": [
            {"time_dimension": iso(at), "count_count": "1", "sum_outputTokens": str(tokens)}
            for at, tokens in hours.items()
        ]
    }


def helicone(world: World, query: Query) -> object:
    told = json.loads(query["body"])
    since_ms = moment(told["filter"]["request_response_rmt"]["request_created_at"]["gte"])
    rows = [
        {"request_id": f"r{number}", "request_created_at": iso(at), "completion_tokens": tokens}
        for number, at, tokens in world.since(since_ms)
    ]
    return {"data": rows[told["offset"] :][: told["limit"]], "error": None}


def cloudflare(world: World, query: Query) -> object:
    rows = [
        {"id": f"r{number}", "created_at": iso(at), "tokens_out": tokens, "success": True}
        for number, at, tokens in world.since(moment(query["start_date"]))
    ]
    return {"result": rows, "success": True}


def portkey(world: World, query: Query) -> object:
    tokens = on_day(world, query["time_of_generation_min"][:10])
    return {"data": [{"ai_model": "m", "requests": 1, "cost": tokens}], "total": 1}


def generation(world: World, query: Query) -> object:
    tokens = world.used[int(query["id"].removeprefix("gen-"))][1]
    return {
        "data": {
            **{"id": query["id"], "native_tokens_completion": tokens, "native_tokens_prompt": 1},
            "response_cache_source_id": None,
        }
    }


def events(server: EndpointServer, world: World) -> None:
    """Answer with the events behind the one that is told, and hang up."""

    def answer(query: Query) -> Answer:
        known = int(server.headers[-1].get("last-event-id", "0"))
        told = [
            f'id: {number + 1}\ndata: {{"n": {tokens}}}\n\n'
            for number, (_, tokens) in enumerate(world.used)
        ]
        return Answer("".join([": hello\n\n", *told[known:]]).encode(), headers=EVENTS)

    server.answers["/m"] = answer


def _tokens(tokens: int) -> dict[str, object]:
    return {"uncached_input_tokens": 1, "output_tokens": tokens}


def _usd(tokens: int) -> dict[str, object]:
    return {"amount": {"value": tokens / 100, "currency": "usd"}}


def _cents(tokens: int) -> dict[str, object]:
    return {"amount": str(tokens), "currency": "USD"}


ORG, OPENAI = "/v1/organizations", "/v1/organization"
CASES = {
    ("litellm", "metrics"): Case(
        always("/metrics/", text('litellm_output_tokens_metric_total{model="m"}')), output, grown
    ),
    ("litellm", "ready"): Case(READY, gauge("ready"), lambda world: 1),
    ("litellm", "models"): Case(
        always(
            "/model/info",
            lambda world: {
                "data": [{"model_name": "m", "model_info": {"max_input_tokens": world.total}}]
            },
        ),
        gauge("window_tokens"),
    ),
    ("litellm", "requests"): Case(
        both(READY, asked("/spend/logs/v2", spend_logs)),
        lambda ledger: sum(row["completion_tokens"] for row in ledger.rows.values()),
        late_ms=10 * 60_000,
    ),
    ("litellm", "daily"): Case(both(READY, asked("/user/daily/activity", litellm_days)), output),
    ("litellm", "key"): Case(
        both(READY, always("/key/info", lambda world: {"info": {"spend": world.total}})),
        gauge("spent_usd"),
    ),
    ("prometheus", "metrics"): Case(
        always("/m", text('vllm:generation_tokens_total{model_name="m"}')), output, grown, "/m"
    ),
    ("llamacpp", "metrics"): Case(
        both(
            always("/metrics", text("llamacpp:tokens_predicted_total")),
            always("/v1/models", lambda world: {"data": [{"id": "m"}]}),
        ),
        *(output, grown),
    ),
    ("llamacpp", "slots"): Case(
        always("/slots", lambda world: [{"id": 0, "n_ctx": 9000, "n_prompt_tokens": world.total}]),
        gauge("context_tokens"),
    ),
    ("ollama", "loaded"): Case(
        always("/api/ps", lambda world: {"models": [{"name": "m", "context_length": world.total}]}),
        gauge("window_tokens"),
    ),
    ("openai", "usage"): Case(
        asked(
            f"{OPENAI}/usage/completions",
            openai(HOUR_MS, lambda tokens: {"input_tokens": 1, "output_tokens": tokens}),
        ),
        output,
    ),
    ("openai", "cost"): Case(asked(f"{OPENAI}/costs", openai(DAY_MS, _usd)), cents),
    ("anthropic", "usage"): Case(
        asked(f"{ORG}/analytics/usage", anthropic(lambda tokens: {"usage": _tokens(tokens)})),
        output,
    ),
    ("anthropic", "cost"): Case(
        asked(f"{ORG}/analytics/cost", anthropic(lambda tokens: {"cost": _cents(tokens)})), cents
    ),
    ("anthropic-admin", "usage"): Case(
        asked(f"{ORG}/usage_report/messages", admin(HOUR_MS, _tokens)), output
    ),
    ("anthropic-admin", "cost"): Case(asked(f"{ORG}/cost_report", admin(DAY_MS, _cents)), cents),
    ("anthropic-admin", "claude-code"): Case(
        asked(f"{ORG}/usage_report/claude_code", claude_code), output
    ),
    ("openrouter", "key"): Case(
        always("/v1/key", lambda world: {"data": {"usage": world.total}}), gauge("spent_usd")
    ),
    ("openrouter", "credits"): Case(
        always(
            "/v1/credits", lambda world: {"data": {"total_credits": world.total, "total_usage": 0}}
        ),
        gauge("credits_left_usd"),
    ),
    ("openrouter", "daily"): Case(
        *(always("/v1/activity", activity), output),
        lambda world: sum(tokens for at_ms, tokens in world.used if at_ms < world.today_ms),
        late_ms=DAY_MS,
    ),
    ("openrouter", "generation"): Case(
        asked("/v1/generation", generation),
        lambda ledger: sum(row["native_tokens_completion"] for row in ledger.rows.values()),
        may_lack=True,
    ),
    ("vercel", "credits"): Case(
        always("/v1/credits", lambda world: {"balance": str(world.total), "total_used": "0"}),
        gauge("credits_left_usd"),
    ),
    ("langfuse", "usage"): Case(asked("/api/public/v2/metrics", langfuse), output),
    ("helicone", "usage"): Case(asked("/v1/request/query-clickhouse", helicone), output),
    ("cloudflare", "usage"): Case(asked("/logs", cloudflare), output),
    ("portkey", "daily"): Case(asked("/v1/analytics/groups/ai-models", portkey), cents),
    ("stream", "events"): Case(
        events, lambda ledger: sum(row["n"] for row in ledger.rows.values()), path="/m"
    ),
}
"""A new part of an adapter joins here."""


def watched(server: EndpointServer, of: tuple[str, str], world: World, key: str = "") -> Desk:
    """Return a poller of one part of an endpoint that tells of a world."""
    kind, part = of
    case = CASES[of]
    case.tell(server, world)
    endpoint = Endpoint(
        *("box", adapter_of(kind), lambda: key, 60),
        unfinished=lambda: tuple(f"gen-{number}" for number in range(len(world.used))),
    )
    found = desk(server, kind, [part], path=case.path, endpoint=endpoint)
    world.clock_ms = lambda: server.clock_ms()
    return found


def every_part() -> Iterator[tuple[str, str]]:
    """Yield every part of every kind that there is."""
    for kind in MODULES:
        for part in adapter_of(kind).parts:
            yield kind, part.name

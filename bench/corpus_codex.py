"""Made threads of Codex."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bench.corpus_text import Log, Writing

MODELS: Final = ("gpt-5.5", "gpt-5.4", "gpt-5.3-codex", "gpt-5.2-codex")
_FIELDS: Final = (
    "input_tokens",
    "cached_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
    "total_tokens",
)


class _Rollout:
    """One rollout that is being made up."""

    def __init__(self, writing: Writing) -> None:
        self.writing, self.lines = writing, list[str]()
        self.thread = writing.uuid()
        self.began = writing.now()
        self.total = [0] * len(_FIELDS)
        self.put(
            "session_meta",
            f'"id":"{self.thread}","timestamp":"{self.began}","cwd":"/home/ana/shop",'
            f'"originator":"codex_cli_rs","cli_version":"0.142.4","source":"cli",'
            f'"model_provider":"openai","base_instructions":{{"text":"{writing.text(12_000)}"}}',
        )
        self.turn()

    @property
    def path(self) -> str:
        """Where the rollout lies below the home."""
        day, stamp = self.began[:10].replace("-", "/"), self.began[:19].replace(":", "-")
        return f".codex/sessions/{day}/rollout-{stamp}-{self.thread}.jsonl"

    def put(self, kind: str, payload: str) -> None:
        """Add a line."""
        at = self.writing.tick(5)
        self.lines.append(f'{{"timestamp":"{at}","type":"{kind}","payload":{{{payload}}}}}\n')

    def turn(self) -> None:
        """Begin a turn, which names the model."""
        model = self.writing.chance.choice(MODELS)
        self.put("turn_context", f'"cwd":"/home/ana/shop","model":"{model}","effort":"medium"')

    def item(self, kind: str, median: int) -> None:
        """Add an item of a response, or what a tool returned."""
        text = self.writing.text(self.writing.about(median, wide=1.4))
        self.put("response_item", f'"type":"{kind}","call_id":"call_1","output":"{text}"')

    def call(self, times: int = 1) -> None:
        """Add the running total after one more call; often it is written twice."""
        writing = self.writing
        cached = min(self.total[0], 180_000) // 128 * 128
        fresh, output = writing.about(900, most=40_000), writing.about(200, most=20_000)
        reasoning = output * 2 // 5
        last = [cached + fresh, cached, output, reasoning, cached + fresh + output]
        self.total = [a + b for a, b in zip(self.total, last, strict=True)]
        writing.spent.add(input=fresh, cache_read=cached, output=output, reasoning=reasoning)
        info = (
            f'"type":"token_count","info":{{"total_token_usage":{_counts(self.total)},'
            f'"last_token_usage":{_counts(last)},"model_context_window":272000}},'
            f'"rate_limits":{{"limit_id":"codex","primary":{{"used_percent":9.0,'
            f'"window_minutes":300,"resets_at":1785580000}},"plan_type":"plus"}}'
        )
        for _ in range(times):
            self.put("event_msg", info)


def _counts(counts: list[int]) -> str:
    parts = (f'"{name}":{count}' for name, count in zip(_FIELDS, counts, strict=True))
    return f"{{{','.join(parts)}}}"


def mixed_thread(writing: Writing) -> Iterator[Log]:
    """Yield a thread as real ones are: reasoning, calls, outputs, totals told twice."""
    rollout = _Rollout(writing)
    for _ in range(writing.about(4, most=40)):
        rollout.turn()
        message = writing.text(writing.about(300))
        rollout.put("event_msg", f'"type":"user_message","message":"{message}"')
        for _ in range(writing.about(6, most=50)):
            rollout.item("reasoning", 900)
            rollout.item("function_call", 300)
            rollout.call(writing.chance.choice((1, 2)))
            rollout.item("function_call_output", 900)
    yield Log(rollout.path, rollout.lines)


def dense_thread(writing: Writing) -> Iterator[Log]:
    """Yield a thread of which nearly every line is a call's total."""
    rollout = _Rollout(writing)
    for _ in range(writing.about(2_000, most=20_000)):
        rollout.call()
    yield Log(rollout.path, rollout.lines)

"""`python -m bench compress`: a long prompt through the light stages, and extracted from."""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Final

from bench.measured import median_ms
from tokwatch.compress.levels import Level
from tokwatch.compress.nouns import Outcome
from tokwatch.compress.scene import Settings
from tokwatch.compress.shapes import read_prompt
from tokwatch.compress.solver import Aim, losses, solve
from tokwatch.paths import user_data_folder
from tokwatch.tokens.counting import count_in
from tokwatch.tokens.encodings import Encoding

QUESTION: Final = "Which worker lost its connection, and when?"
_WORDS: Final = (
    *("the", "worker", "queue", "reads", "every", "request", "again", "because", "a", "lease"),
    *("on", "its", "shard", "ended", "while", "the", "batch", "was", "written", "and", "nobody"),
    *("told", "the", "leader", "that", "another", "node", "had", "taken", "over"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the size of the prompt, and how often each step is timed."""
    parser.add_argument("--tokens", type=int, default=215_000)
    parser.add_argument("--rounds", type=int, default=3)


def run(args: argparse.Namespace) -> int:
    """Time each step and print the medians."""
    settings = Settings(count_in(Encoding.O200K, user_data_folder()))
    asked = Settings(settings.count, QUESTION)
    text = made_prompt(args.tokens, settings)
    prompt = read_prompt(text)
    light = Aim(budget=0, level=Level.LIGHT)
    half = Aim(reduction=0.5)
    told = solve(prompt, settings, light)
    print(f"{told.before:,} tokens, {len(text):,} characters, light: {told.after:,}")
    steps: dict[str, Callable[[], Outcome | object]] = {
        "read": lambda: read_prompt(text),
        "count": lambda: settings.count(text),
        "light stages": lambda: solve(prompt, settings, light),
        "to half by a question": lambda: solve(prompt, asked, half),
        "to half, blind": lambda: solve(prompt, settings, Aim(reduction=0.5, is_blind=True)),
        "ledger": lambda: losses(told),
    }
    for name, step in steps.items():
        print(f"{median_ms(step, args.rounds):8.0f} ms  {name}")
    return 0


def made_prompt(tokens: int, settings: Settings) -> str:
    """Return a chat of about so many tokens: prose, logs, code, JSON, terminal output."""
    chance = random.Random(7)
    messages: list[dict[str, object]] = [{"role": "system", "content": "You help with a service."}]
    size = 0
    for number, (kind, text) in enumerate(_contents(chance)):
        size += settings.count(text)
        if kind == "prose":
            messages.append({"role": "user", "content": text})
            continue
        call = {"id": f"c{number}", "function": {"name": kind, "arguments": "{}"}}
        messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
        messages.append({"role": "tool", "tool_call_id": f"c{number}", "content": text})
        if size > tokens:
            break
    return json.dumps({"messages": messages}, ensure_ascii=False)


def _contents(chance: random.Random) -> Iterator[tuple[str, str]]:
    for kind in cycle(("prose", "log", "code", "json", "terminal")):
        lines = [_line(kind, number, chance) for number in range(120)]
        if kind == "json":
            yield kind, json.dumps([json.loads(line) for line in lines], indent=2)
        else:
            yield kind, "\n".join(lines)


def _line(kind: str, number: int, chance: random.Random) -> str:
    words = " ".join(chance.choices(_WORDS, k=14))
    figure = chance.randrange(10_000)
    match kind:
        case "log":
            return f"2026-01-02T10:{number % 60:02}:07 INFO worker-{figure} took {figure} ms"
        case "code":
            return f"{number:6}\tdef part_{figure}(value):  return value  +  {figure}  # {words}"
        case "json":
            return json.dumps({"id": figure, "name": words[:20], "at": number, "ok": True})
        case "terminal":
            path = f"/srv/app/checkout/src/module_{figure}/index.js"
            return f"\x1b[32m✓\x1b[0m built {path}  {words[:30]}"
        case _:
            return f"{words.capitalize()}, says node N{figure}."

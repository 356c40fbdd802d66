"""Makes up whole homes of logs at random: what tools write, and what happens to it on disk."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.sources import claude_lines, codex_lines
from tests.sources.codex_lines import Counts, plus
from tests.sources.road import CANARY, Fields

DAYS = ("2026-08-01", "2026-08-02", "2026-08-03")
MODELS = ("claude-opus-4-8", "claude-haiku-4-5-20251001", "glm-5.1")
GPTS = ("gpt-5.5", "gpt-5.3-codex")
NOISE = (b"\n", b"\r\n", b"\0\0\0\0\n", b'{"type":"user","message":{"content":"cut off\n', b"{]\n")


@dataclass(slots=True)
class World:
    """A home that is being made up: lines by path, and what was used already."""

    random: Random
    logs: dict[str, list[bytes]] = field(default_factory=dict)
    made: int = 0

    def number(self) -> int:
        """Return a number never returned before."""
        self.made += 1
        return self.made

    def instant(self) -> str:
        """Return an instant; equal ones are usual."""
        second = self.random.randrange(50)
        return f"{self.random.choice(DAYS)}T1{self.random.randrange(3)}:00:{second:02}.250Z"

    def chance(self, share: float) -> bool:
        """Return true in this share of cases."""
        return self.random.random() < share


def made_up(random: Random) -> dict[str, bytes]:
    """Return logs by their path below the home."""
    world = World(random)
    for _ in range(random.randint(0, 3)):
        _claude_session(world)
    for _ in range(random.randint(0, 3)):
        _codex_thread(world)
    return {path: b"".join(_worn(world, lines)) for path, lines in world.logs.items()}


def _claude_session(world: World) -> None:
    """Add a session: its own, or one that begins as a copy of another."""
    random = world.random
    session = f"{world.number():08}-0000-4000-8000-00000000000c"
    folder = f".claude/projects/{random.choice(('-home-ana-shop', '-home-ana-site'))}"
    mains = [path for path in world.logs if path.startswith(".claude") and "agent-" not in path]
    lines = [claude_lines.prompt(session=session)]
    if mains and world.chance(0.6):
        lines = _copied(world, world.logs[random.choice(mains)], session)
    for _ in range(random.randint(0, 4)):
        lines += _answer(world, session)
    if world.chance(0.5):
        lines += _sub_agent(world, f"{folder}/{session}/subagents", session)
    world.logs[f"{folder}/{session}.jsonl"] = lines


def _copied(world: World, lines: list[bytes], session: str) -> list[bytes]:
    """Return the first lines of another session as a resume or a fork writes them."""
    style = world.random.choice(("same", "pointer", "stamped"))
    stamp = world.instant()
    copies = []
    for line in lines[: world.random.randint(0, len(lines))]:
        record = json.loads(line)
        if style == "pointer" and record.get("type") == "assistant":
            record["requestSessionId"] = record.get("requestSessionId", record["sessionId"])
        if style == "stamped" and record.get("timestamp"):
            record["timestamp"] = stamp
        copies.append(claude_lines.line(record, sessionId=session))
    return copies


def _answer(world: World, session: str) -> list[bytes]:
    """Return the lines of one response: a block each, the usage growing or over-estimated."""
    random, model = world.random, world.random.choice(MODELS)
    message_id = None if world.chance(0.05) else f"msg_{world.number()}"
    model = "<synthetic>" if world.chance(0.04) else model
    final = claude_lines.usage(
        random.randint(0, 50),
        random.randint(1, 500),
        random.randint(0, 900),
        random.randint(0, 9),
        random.randint(0, 9),
    )
    if world.chance(0.1):
        parts = [claude_lines.iteration(random.choice(MODELS), 5, random.randint(1, 90))] * 2
        final["iterations"] = parts
    early = final | random.choice(({"output_tokens": 1}, {"input_tokens": 999}, {}))
    blocks = 1 if message_id is None else random.randint(1, 3)
    lines = []
    for block in range(blocks):
        is_last = block == blocks - 1
        at = None if world.chance(0.03) else "yesterday" if world.chance(0.03) else world.instant()
        stop = "end_turn" if is_last and world.chance(0.8) else None
        counts = final if is_last else early
        line = claude_lines.answer(
            message_id, counts=counts, stop=stop, model=model, at=at, session=session
        )
        lines.append(_respelt(world, line))
        if world.chance(0.3):
            lines.append(claude_lines.prompt(session=session))
    return lines


def _sub_agent(world: World, folder: str, session: str) -> list[bytes]:
    """Add a sub-agent's log, or none at all, and return its echoes in the main transcript."""
    agent = f"a{world.number():06x}"
    lines: list[bytes] = []
    echoes: list[bytes] = []
    for _ in range(world.random.randint(1, 3)):
        answer = f"msg_{world.number()}"
        out, at = world.random.randint(1, 300), world.instant()
        lines.append(
            claude_lines.answer(
                answer, out, at=at, session=session, agentId=agent, isSidechain=True, text=CANARY
            )
        )
        echoes.append(_respelt(world, claude_lines.echo(answer, out, at, agent)))
    if world.chance(0.6):
        world.logs[f"{folder}/agent-{agent}.jsonl"] = lines
    return echoes if world.chance(0.7) else []


def _codex_thread(world: World) -> None:
    """Add a thread: a new one, a fork that copies its parent, or one that only names it."""
    random = world.random
    thread = f"{world.number():08}-0000-7000-8000-00000000000d"
    folder = "archived_sessions" if world.chance(0.2) else "sessions/2026/08/01"
    others = [path for path in world.logs if path.startswith(".codex")]
    named: Fields = {}
    copied: list[bytes] = []
    if others and world.chance(0.6):
        lines = world.logs[random.choice(others)]
        parent = str(json.loads(lines[0])["payload"]["id"])
        if world.chance(0.7):
            spawn = {"subagent": {"thread_spawn": {"parent_thread_id": parent}}}
            named = {"source": spawn} if world.chance(0.5) else {"forked_from_id": parent}
        copied = lines[1 : random.randint(1, len(lines))] if world.chance(0.7) else []
        copied = [line for line in copied if b"token_usage_record" not in line]
    lines = [codex_lines.meta(thread, world.instant(), **named), *copied]
    has_records = world.chance(0.3)
    lines += _turns(world, _last_total(copied), has_records)
    world.logs[f".codex/{folder}/rollout-2026-08-01T10-00-00-{thread}.jsonl"] = lines


def _last_total(lines: list[bytes]) -> Counts:
    """Return the running total with which copied lines end."""
    for line in reversed(lines):
        info = json.loads(line)["payload"].get("info")
        if info:
            found = info["total_token_usage"]
            fresh, cached = found["input_tokens"], found["cached_input_tokens"]
            return fresh, cached, found["output_tokens"], found["reasoning_output_tokens"]
    return 0, 0, 0, 0


def _turns(world: World, total: Counts, has_records: bool) -> list[bytes]:
    """Return calls: running totals, some told twice, some calls untold, some totals begun anew."""
    random = world.random
    lines = [codex_lines.turn(random.choice(GPTS), world.instant())]
    for _ in range(random.randint(0, 4)):
        fresh, out = random.randint(1, 9), random.randint(1, 9)
        last: Counts = (fresh * 100, fresh * 60, out * 10, out)
        at = None if world.chance(0.03) else world.instant()
        total = plus((0, 0, 0, 0) if world.chance(0.08) else total, last)
        if world.chance(0.1):
            total = plus(total, last)
        if has_records:
            lines.append(codex_lines.record(f"resp_{world.number()}", last, at))
        line = codex_lines.totals(total, None if world.chance(0.1) else last, at)
        lines += [_respelt(world, line)] * (2 if world.chance(0.3) else 1)
        if world.chance(0.3):
            lines.append(random.choice((codex_lines.item(), codex_lines.turn(random.choice(GPTS)))))
    return lines


def _respelt(world: World, line: bytes) -> bytes:
    """Return the same record with its keys in another order or other white space, sometimes."""
    if not world.chance(0.2):
        return line
    record = json.loads(line)
    keys = list(record)
    world.random.shuffle(keys)
    spaces = world.random.choice(((",", ":"), (", ", ": "), (" ,", " : ")))
    spelt = json.dumps({key: record[key] for key in keys}, separators=spaces)
    return spelt.encode() + b"\n"


def _worn(world: World, lines: list[bytes]) -> list[bytes]:
    """Return lines as a disk, a crash or another system may leave them."""
    worn: list[bytes] = []
    for line, after in zip(lines, [*lines[1:], b""], strict=False):
        if world.chance(0.06):
            worn.append(world.random.choice(NOISE))
        if world.chance(0.05):
            line = line[:-1] + b"\r\n"
        elif world.chance(0.04):
            line = b"\0" * 8 + line
        elif world.chance(0.04) and _is_as_written(line) and _is_as_written(after):
            line = line if worn and not worn[-1].endswith(b"\n") else line[:-1]
        worn.append(line)
    return worn


def _is_as_written(line: bytes) -> bool:
    """Tell a line as the tool writes it; only between those do newlines get lost."""
    return line.startswith((b'{"parentUuid":', b'{"timestamp":')) and b": " not in line[:40]


def stored(home: Path, logs: dict[str, bytes]) -> None:
    """Write logs below a home."""
    for path, content in logs.items():
        file = home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

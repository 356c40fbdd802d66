"""Any bytes lead to the same reading by both engines of a sieve: records near to real, spoilt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.compiled import not_compiled
from tests.sources import claude_lines, codex_lines
from tests.sources.claude_lines import answer, iteration, usage
from tests.sources.codex_lines import record, totals
from tests.sources.engines import Reader, read_bytes
from tokwatch.sources import lines as lines_module
from tokwatch.sources.agents.claude_code import ClaudeCode
from tokwatch.sources.agents.codex import Codex
from tokwatch.sources.sieve import COMPILED

CLAUDE = [
    answer("a", 5),
    answer(None, 7, costUSD=0.25, agentId="a1", isSidechain=True),
    answer("b", counts=usage(1, 2, iterations=[iteration("m", 1, 2), iteration("n", 3, 4)])),
    answer("ü", text='日本\U0001f600 \\ "quoted"', cwd="/ä"),
    claude_lines.prompt(),
    claude_lines.attachment(),
    claude_lines.echo("e", 5),
    claude_lines.cost_state({"m": claude_lines.model_usage(1, 2)}),
]
CODEX = [
    totals((100, 0, 5, 0)),
    totals((200, 10, 15, 3), (100, 10, 10, 3)),
    record("r", (10, 2, 3, 1), model="m", service_tier="fast"),
    record(None, (20, 2, 3, 1)),
    codex_lines.meta(),
    codex_lines.turn(),
    codex_lines.settings("fast"),
    codex_lines.event("task_started", turn_id="external-import-turn-1"),
    codex_lines.prompt(),
    codex_lines.item(),
]
LOGS: list[tuple[Reader, list[bytes]]] = [(ClaudeCode(), CLAUDE), (Codex(), CODEX)]
NAMES = sorted(
    {name for line in CLAUDE + CODEX for name in json.loads(line)}
    | {"input_tokens", "output_tokens", "info", "id", "usage", "cache_creation", "iterations", ""}
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(
        ["assistant", "2026-02-29T10:00:00Z", "2026-08-01T10:00:00.5Z", "token_count"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    ),
    max_leaves=6,
)
SPICES = (
    *(b"\0", b"\n", b"\r\n", b'"', b"{", b"}", b"}{", b"\\", b"\xff", b"\xed\xa0\x80", b"null,"),
    *(b"\\ud800", b"1e999,", b"-1", b"[[[[", b" ", b"\t", b",", b":", b"\x1f", b'"data":5,'),
    *(b'"type":"assistant",', b'"type":"user",', b'"type":"event_msg",', b'"type":"session_meta",'),
    *(b'"usage":{},', b'_token_usage":{"', b'"attachment":', b'{"type":"token_count"', b"9" * 16),
)


@pytest.fixture(autouse=True)
def _compiled() -> Iterator[None]:
    """Look whether there are two engines, and leave the size of blocks as it was."""
    if not COMPILED:
        not_compiled("there is nothing to compare with")
    size = lines_module.BLOCK_BYTES
    yield
    _make_blocks(size)


@settings(max_examples=40)
@given(data=st.data(), random=st.randoms(use_true_random=False))
def test_odd_records_are_the_same_to_both(data: st.DataObject, random: Random) -> None:
    """Values of other types, other names, another order, another spacing."""
    reader, lines = random.choice(LOGS)
    log = b"".join(_changed(data, random, random.choice(lines)) for _ in range(3))

    _read(random, reader, log)


@settings(max_examples=60)
@given(random=st.randoms(use_true_random=False))
def test_spoilt_records_are_the_same_to_both(random: Random) -> None:
    """Bytes changed, cut out, doubled and put in."""
    for reader, lines in LOGS:
        log = b"".join(random.choice(lines) for _ in range(4))
        for _ in range(random.choice((1, 1, 2, 5))):
            log = _spoilt(random, log)

        _read(random, reader, log)


@given(content=st.binary(max_size=300), random=st.randoms(use_true_random=False))
def test_any_bytes_are_the_same_to_both(content: bytes, random: Random) -> None:
    for reader, _ in LOGS:
        _read(random, reader, content)


def _read(random: Random, reader: Reader, log: bytes) -> None:
    """Read a log, whole or up to anywhere, in blocks of any size; fail where the engines differ."""
    _make_blocks(random.choice((8, 100, 1_000, 1 << 20)))
    bound = random.choice((None, random.randrange(len(log) + 2)))

    assert read_bytes(reader, log, bound).tally.lines <= log.count(b"\n") + 1


def _make_blocks(size: int) -> None:
    lines_module._blocks.clear()
    lines_module.BLOCK_BYTES = size  # type: ignore[misc]  # final to everyone but these tests


def _changed(data: st.DataObject, random: Random, line: bytes) -> bytes:
    """Return a record with other values here and there."""

    def turned(value: object) -> object:
        if not isinstance(value, dict):
            return value
        parts = list(value.items())
        if random.random() < 0.3:
            random.shuffle(parts)
        turned_parts = {name: turned(each) for name, each in parts}
        if parts and random.random() < 0.2:
            turned_parts[random.choice(parts)[0]] = data.draw(VALUES)
        if random.random() < 0.1:
            turned_parts[random.choice(NAMES)] = data.draw(VALUES)
        return turned_parts

    spacing = random.choice(((",", ":"), (",", ":"), (", ", ": "), (" ,\t", " \r: ")))
    text = json.dumps(
        turned(json.loads(line)), separators=spacing, ensure_ascii=random.random() < 0.5
    )
    return text.encode("utf-8", "surrogatepass") + random.choice((b"\n", b"\r\n", b" \n"))


def _spoilt(random: Random, log: bytes) -> bytes:
    """Return a log after an accident."""
    at = random.randrange(len(log) + 1)
    if random.random() < 0.5:
        at = log.find(random.choice((b",", b"{", b":", b"\n")), at) + 1
    end = at + random.choice((1, 2, 30, 600))
    match random.choice(("put", "cut", "double", "change", "flip", "end")):
        case "put":
            return log[:at] + random.choice(SPICES) + log[at:]
        case "cut":
            return log[:at] + log[end:]
        case "double":
            return log[:end] + log[at:]
        case "change":
            return log[:at] + bytes([random.randrange(256)]) + log[at + 1 :]
        case "flip":
            flipped = bytes(each ^ 1 << random.randrange(8) for each in log[at : at + 1])
            return log[:at] + flipped + log[at + 1 :]
        case _:
            return log[:at]

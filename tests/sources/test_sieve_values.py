"""What a sieve makes of values: both engines tell the same of odd ones, and of odd spellings."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tests.compiled import not_compiled
from tests.sources import codex_lines
from tests.sources.claude_lines import answer, iteration, usage
from tests.sources.codex_lines import counts, meta, record, totals
from tests.sources.engines import ENGINES, Reader, by_engine, read_bytes
from tests.sources.road import Fields
from tokwatch.sources.agents import claude_records, codex_records
from tokwatch.sources.agents.claude_code import ClaudeCode
from tokwatch.sources.agents.codex import Codex
from tokwatch.sources.counts import instant_ms
from tokwatch.sources.lines import Lines, Row
from tokwatch.sources.sieve import COMPILED, COUNT, INSTANT, PICK, TEXT, Field, Head, Heads, Sieve

MARK = "-mark-"
COUNTS = ["0", "7", "123456789012345", "1234567890123456", "9" * 30, "9" * 5_000, "-0", "-1", "00"]
COUNTS += ["07", "1.0", "1.5", "1e3", "1E+2", "1e-2", "1e400", "-1e400", "1.", ".5", "1e", "+1"]
COUNTS += ["0x1", "1_0", "NaN", "Infinity", "8589934591", "8589934592", "0.1", "12345678901234.5"]
TEXTS = ['""', '"x"', '"true"', '"5"', '"é\U0001f600"', '"\x7f"', '"\x01"', '"\t"', '"\0"', "'x'"]
TEXTS += [r'"\n"', r'"\u0041"', r'"\ud83d\ude00"', r'"\ud800"', r'"\ude00"', r'"\uDBFF"', r'"\q"']
TEXTS += [r'"\u12"', r'"\u12g4"', '"a', '"' + "y" * 600 + '"', r'"\\"', r'"\""', '"\ufeff"']
STAMPS = ["2026-08-01T10:00:00Z", "2026-08-01T10:00:00.123Z", "2026-08-01T10:00:00,123Z"]
STAMPS += ["2026-02-30T10:00:00Z", "2024-02-29T10:00:00.5Z", "1970-01-01T00:00:00.000Z"]
STAMPS += ["2026-08-01T10:00:00+02:00", "2026-08-01T10:00:00", "2026-08-01", "20260801T100000Z"]
OTHERS = ["null", "nul", "true", "false", "tru", "[]", "{}", "[1,", "[1]", '{"a":1}', "", " 5 "]
OTHERS += [
    '{"input_tokens":1}',
    '[{"input_tokens":1},{"input_tokens":2}]',
    '[{"input_tokens":1e999}]',
]
OTHERS += [r'[{"input_tokens":1},"\ud800",{"model":"\ud800","input_tokens":9}]', '[{"a":"\udcff"}]']
VALUES = (
    COUNTS + TEXTS + [f'"{stamp}"' for stamp in STAMPS] + OTHERS + ['"\udcff"', '"\udced\udca0"']
)

ANSWER = json.loads(
    answer(
        "a",
        agentId="a1",
        requestSessionId="q",
        isAbortedMidStream=False,
        costUSD=0.5,
        counts=usage(
            *(3, 5, 7, 2, 1),
            output_tokens_details={"thinking_tokens": 3},
            server_tool_use={"web_search_requests": 2},
            speed="fast",
            inference_geo="us",
            iterations=[iteration("m", 1, 2)],  # of two, its own counts would not be looked at
        ),
    )
)
TOTALS = json.loads(totals((100, 5, 9, 2), (10, 5, 9, 2)))
RECORD = json.loads(record("r", (100, 5, 9, 2), model="m", service_tier="fast"))
BASES: list[tuple[Reader, Fields]] = [
    *((ClaudeCode(), ANSWER), (Codex(), TOTALS), (Codex(), RECORD)),
]
UNKNOWN = [("x",), ("message", "x"), ("message", "usage", "x"), ("data",), ("payload", "x")]


def ways(base: Fields) -> Iterator[tuple[str, ...]]:
    """Yield the ways to what is asked of a record, to what holds it, and to what is not asked."""
    fields = claude_records.FIELDS if base is ANSWER else codex_records.FIELDS
    asked = {field.path[:end] for field in fields for end in range(1, len(field.path) + 1)}
    yield from (way for way in sorted(asked) + UNKNOWN if _below(base, way[:-1]) is not None)


def _below(record: Fields, way: tuple[str, ...]) -> Fields | None:
    for name in way:
        if not isinstance(inner := record.get(name), dict):
            return None
        record = inner
    return record


def with_mark(base: Fields, way: tuple[str, ...]) -> str:
    """Return a record as a line with a mark for one value."""
    copy = json.loads(json.dumps(base))
    below = _below(copy, way[:-1])
    assert below is not None
    below[way[-1]] = MARK
    return json.dumps(copy, separators=(",", ":")) + "\n"


def numbered(line: str, number: int) -> str:
    """Return a line of a request of its own."""
    for told in ('"id":"a', '"response_id":"r', '"input_tokens":100'):
        line = line.replace(told, f"{told}{number}", 1)
    return line


def bytes_of(text: str) -> bytes:
    """Return UTF-8, where half characters stand for bytes that are none."""
    return text.encode("utf-8", "surrogateescape")


@pytest.fixture(autouse=True)
def _compiled() -> None:
    if not COMPILED:
        not_compiled("there is nothing to compare with")


CASES = [
    pytest.param(reader, base, way, id=".".join(way))
    for reader, base in BASES
    for way in ways(base)
]


@pytest.mark.parametrize(("reader", "base", "way"), CASES)
def test_an_odd_value_is_the_same_to_both(
    reader: Reader, base: Fields, way: tuple[str, ...]
) -> None:
    """Of any type, anywhere; a name told twice; a name spelt with an escape; space around it."""
    marked, key = with_mark(base, way), json.dumps(way[-1])
    head = meta().decode() if reader.name == "codex" else ""
    lines = [marked.replace(key, f'"\\u00{ord(way[-1][0]):02x}{way[-1][1:]}"')]
    for value in VALUES:
        read_bytes(reader, bytes_of(head + marked.replace(f'"{MARK}"', value) + marked))
        lines += [
            marked.replace(f'"{MARK}"', f"{value},{key}:5"),
            marked.replace(f'"{MARK}"', f'"t",{key}:{value}'),
            marked.replace(f'"{MARK}"', f"\t{value} \r"),
        ]
    log = "".join(numbered(each, place) for place, each in enumerate(lines))

    assert read_bytes(reader, bytes_of(log)).tally.lines == len(lines)


@pytest.mark.parametrize(
    "way", [field.path for field in claude_records.FIELDS if field.kind == COUNT], ids=".".join
)
def test_an_absurd_count_is_none(way: tuple[str, ...]) -> None:
    """And does not make usage of what tells none."""
    none, largest, absurd = (
        read_bytes(
            ClaudeCode(), with_mark(ANSWER, way).replace(f'"{MARK}"', str(told)).encode()
        ).sightings
        for told in (0, 2**33 - 1, 2**33)
    )
    unknown = {"server_tool_use": {"web_search_requests": 2**33}}

    assert none == absurd != largest
    assert read_bytes(ClaudeCode(), answer("a", counts=unknown)).tally.unknown == 1


@pytest.mark.parametrize(("reader", "base"), BASES, ids=["answer", "totals", "record"])
@pytest.mark.parametrize("spacing", [(",", ":"), (", ", ": "), (" ,\t", " \r: ")])
def test_any_order_and_spacing_is_the_same_to_both(
    reader: Reader, base: Fields, spacing: tuple[str, str]
) -> None:
    def turned(value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {name: turned(each) for name, each in reversed(value.items())}

    for line in (json.dumps(each, separators=spacing) for each in (base, turned(base))):
        for before, behind in (("", ""), ("", " "), ("", "\r"), (" ", ""), ("", "x"), ("", "}")):
            found = read_bytes(reader, f"{before}{line}{behind}\n".encode())

            assert len(found.sightings) == 1
            assert found.tally.bad_lines == (behind in ("x", "}"))


@pytest.mark.parametrize("depth", [1, 62, 63, 64, 65, 66, 67, 300, 986, 1_100, 100_000])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_any_depth_is_the_same_to_both(depth: int, opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    deep = opening * depth + "5" + closing * depth
    line = with_mark(ANSWER, ("message", "usage", "x"))
    listed = with_mark(ANSWER, ("message", "usage", "iterations"))
    for changed in (line.replace(f'"{MARK}"', deep), listed.replace(f'"{MARK}"', f"[{deep}]")):
        read_bytes(ClaudeCode(), changed.encode())
        odd = changed.replace('"costUSD":0.5', '"costUSD":"x"')

        assert read_bytes(ClaudeCode(), odd.encode()).tally.lines == 1


@pytest.mark.parametrize(
    ("told", "outputs"),
    [
        (r'[{"input_tokens":1,"output_tokens":2},{"input_tokens":1,"output_tokens":3}]', [2, 3]),
        (
            r'[{"input_tokens":1e999,"output_tokens":2},{"input_tokens":1,"output_tokens":3}]',
            [2, 3],
        ),
        (r'[{"input_tokens":"\ud800","output_tokens":2},{"input_tokens":1}]', [2, 0]),
        ('[{"input_tokens":"\udcff","output_tokens":2},{"input_tokens":1}]', [2, 0]),
        ("[{}," + "9" * 5_000 + "]", [5]),
    ],
    ids=["plain", "infinite", "half", "bytes", "digits"],
)
@pytest.mark.parametrize("cost", ["0.5", '"x"'], ids=["plain", "odd"])
def test_nonsense_in_a_list_costs_nothing_else(told: str, outputs: list[int], cost: str) -> None:
    """4.7: what is not looked at before cannot fail later."""
    line = with_mark(ANSWER, ("message", "usage", "iterations")).replace(f'"{MARK}"', told)
    found = read_bytes(
        ClaudeCode(), bytes_of(line.replace('"costUSD":0.5', f'"costUSD":{cost}')) + answer("b", 7)
    )
    is_lost = cost != "0.5" and outputs == [5]  # Python makes no number of so many digits

    assert [each.output for each in found.sightings] == [*([] if is_lost else outputs), 7]


@pytest.mark.parametrize("kind", ["session_meta", "turn_context"])
def test_a_record_is_what_its_own_type_says(kind: str) -> None:
    """Not what a type inside it says, also where the compiled engine hands it back."""
    payload = {"type": kind, "response_id": "r", "usage": counts((10, 2, 3, 1))}
    escaped = codex_lines.line("token_usage_record", payload).replace(b'"r"', rb'"\u0072"')

    assert [each.output for each in read_bytes(Codex(), escaped).sightings] == [3]


class _Timed(msgspec.Struct):
    type: str | None = None
    at: str | None = None


def _pick(line: bytes) -> Row:
    decoded = msgspec.json.decode(line, type=_Timed)
    return decoded.type, instant_ms(decoded.at), decoded.at


def _instants() -> list[str]:
    """Return instants of every spelling, and days of every month and of the years at the ends."""
    days = [
        datetime(1969, 12, 1, 23, 59, 58, tzinfo=UTC) + timedelta(days=3 * n) for n in range(500)
    ]
    days += [datetime(2198, 11, 1, tzinfo=UTC) + timedelta(days=5 * n) for n in range(200)]
    texts = [f"{day:%Y-%m-%dT%H:%M:%S}{end}" for day in days for end in ("Z", ".987Z")]
    for year in (1972, 1999, 2000, 2024, 2026, 2027, 2100):
        texts += [
            f"{year}-{month:02}-{day:02}T00:00:00.001Z"
            for month in range(14)
            for day in (0, 1, 2, 27, 28, 29, 30, 31, 32)
        ]
    good = "2026-08-01T10:20:30.123Z"
    texts += [good[:place] + odd + good[place + 1 :] for place in range(24) for odd in "9 -:.x"]
    texts += [good[:place] + good[place + 1 :] for place in range(24)]
    texts += ["2026-08-01T24:00:00Z", "2026-08-01T10:60:00Z", "2026-08-01T10:00:60Z"]
    return texts + STAMPS


@pytest.mark.parametrize("engine", ENGINES)
def test_instants_are_what_python_says(engine: str) -> None:
    fields = (Field(("type",), TEXT), Field(("at",), INSTANT), Field(("at2",), TEXT))
    heads = Heads(("usage",), (Head(b"us", PICK),), PICK, glued=b'"usage"', window=9)
    sieve = by_engine(engine, Sieve(heads, fields, _pick))
    texts = _instants()
    log = "".join(f'{{"type":"usage","at":"{text}"}}\n' for text in texts).encode()
    found = [
        each for run in sieve.sift(Lines(io.BytesIO(log), 0, 1 << 30, None)) for _, each in run
    ]

    assert [each[1] for each in found] == [instant_ms(text) for text in texts]

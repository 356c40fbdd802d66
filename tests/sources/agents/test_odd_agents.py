"""Bytes and values of every kind in agents' logs: no exception, no good record lost, no prompt."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.agents import droid_logs, grok_logs, kimi_logs, vibe_logs
from tests.sources.road import CANARY, Road, reading
from tests.sources.test_fuzz import JUNK, SPICES
from tests.sources.test_hostile import EVIL, is_clean, names
from tokwatch.model.event import Sighting


class Sample(NamedTuple):
    """A source's usual log: where it is written, and its lines."""

    source: str
    save: Callable[..., Path]
    lines: tuple[bytes, ...]
    output: int


LOGS = (
    Sample(
        "kimi",
        kimi_logs.cli_log,
        (
            *(kimi_logs.header(), kimi_logs.prompt(), kimi_logs.status("a", (1, 2, 3, 4))),
            *(kimi_logs.mirrored(), kimi_logs.status("b", (5, 6, 7, 8))),
        ),
        12,
    ),
    Sample(
        "kimi-code",
        kimi_logs.code_log,
        (
            *(kimi_logs.created(), kimi_logs.configured(), kimi_logs.asked()),
            *(kimi_logs.request(), kimi_logs.used((1, 2, 3, 4)), kimi_logs.ended((1, 2, 3, 4))),
            kimi_logs.used((5, 6, 7, 8)),
        ),
        12,
    ),
    Sample(
        "grok",
        grok_logs.log,
        (
            *(grok_logs.asked(), grok_logs.chunk(700), grok_logs.turn("p1", grok_logs.row(9, 4))),
            *(grok_logs.chunk(900), grok_logs.turn("p2", grok_logs.row(9, 8))),
        ),
        12,
    ),
)
DOCUMENTS = (
    Sample("droid", droid_logs.save, (json.dumps(droid_logs.settings()).encode(),), 4_800),
    Sample(
        "vibe",
        vibe_logs.save,
        (json.dumps(vibe_logs.meta(vibe_logs.stats(9, 4, 1, 0.5))).encode(),),
        4,
    ),
)
EVERY = pytest.mark.parametrize("sample", [*LOGS, *DOCUMENTS], ids=lambda sample: sample.source)
LINED = pytest.mark.parametrize("sample", LOGS, ids=lambda sample: sample.source)


def read_alone(sample: Sample, content: bytes) -> list[Sighting]:
    """Return what one log in a home of its own tells."""
    with TemporaryDirectory() as scratch:
        path = sample.save(Path(scratch), content)
        found = reading(sample.source, path, Path(scratch))
        assert all(is_clean(name) for name in names(found))
        return [one for one in found.sightings if one.grade < 2]


def mutations(value: object, odd: list[object]) -> Iterator[object]:
    """Yield a value with each part of it, in turn, in place of each odd one."""
    if isinstance(value, dict):
        for name, part in value.items():
            for other in mutations(part, odd):
                yield value | {name: other}
            yield {kept: inner for kept, inner in value.items() if kept != name}
    else:
        yield from odd


@LINED
@settings(max_examples=25)
@given(junk=st.lists(JUNK, max_size=4))
def test_junk_between_good_lines_costs_none_of_them(sample: Sample, junk: list[bytes]) -> None:
    """4.2: a good line stands on a line of its own."""
    *begin, last = sample.lines
    between = b"".join(line + b"\n" for line in junk)

    found = read_alone(sample, b"".join(begin) + between + last)

    assert sorted(one.output or 0 for one in found) == [4, 8]


@EVERY
@settings(max_examples=25)
@given(content=st.binary(max_size=2_000))
def test_random_bytes_are_no_usage(sample: Sample, content: bytes) -> None:
    """4.7: nothing is made of nothing, and nothing fails."""
    assert read_alone(sample, content) == []


@EVERY
@settings(max_examples=25)
@given(random=st.randoms(use_true_random=False))
def test_spoilt_logs_fail_nothing(sample: Sample, random: Random) -> None:
    """4.2: bytes changed, cut out and put in, anywhere."""
    content = b"".join(sample.lines)
    for _ in range(random.choice((1, 1, 3))):
        at = random.randrange(len(content))
        accident = random.choice((b"", random.choice(SPICES)))
        content = content[:at] + accident + content[at + random.choice((0, 1, 40)) :]

    read_alone(sample, content)


@EVERY
def test_odd_values_fail_nothing(sample: Sample) -> None:
    """Section 2: every field may be missing or of any type; names are clean."""
    odd: list[object] = [None, True, -1, 1.5, 2**64, 1e300, "x" * 900, EVIL, [1], {"a": {}}]
    for place, line in enumerate(sample.lines):
        for record in mutations(json.loads(line), odd):
            spoilt = json.dumps(record).encode() + b"\n"
            found = read_alone(
                sample, b"".join((*sample.lines[:place], spoilt, *sample.lines[place + 1 :]))
            )

            assert all(part is None or part >= 0 for one in found for part in one[7:12])


@EVERY
def test_a_log_cut_anywhere_fails_nothing(sample: Sample) -> None:
    """4.2: what is whole counts, what is torn waits."""
    content = b"".join(sample.lines)
    ends = [*range(0, len(content), 1 + len(content) // 60), len(content) - 1, len(content)]
    found = [len(read_alone(sample, content[:end])) for end in ends]

    assert found[0] == 0
    assert found[-1] == max(found)


@EVERY
def test_a_log_read_again_changes_nothing(
    sample: Sample, home: Path, road: Road, tmp_path: Path
) -> None:
    """4.2: in pieces, twice, after it was cut and restored: as at once."""
    content = b"".join(sample.lines)
    ends = range(0, len(content), 97) if len(sample.lines) > 1 else ()
    for end in (*ends, len(content), len(content) // 2, len(content)):
        sample.save(home, content[:end])
        road.read()
    other = Road(home, tmp_path / "other")
    other.read()

    assert road.total() == other.total()
    assert road.total().output == sample.output
    other.close()


@EVERY
def test_no_prompt_reaches_the_store(
    sample: Sample, home: Path, road: Road, tmp_path: Path
) -> None:
    """23: prompts are private."""
    sample.save(home, b"".join(sample.lines))
    droid_logs.session_log(home, CANARY)
    road.read()
    road.ingest.writer.checkpoint()

    assert road.events() != []
    held = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir() if path.is_file())
    assert CANARY.encode() not in held
    assert CANARY[:11].encode() not in held


@LINED
def test_a_line_too_long_is_passed_over(sample: Sample, home: Path) -> None:
    """4.4: nothing larger than the limit is held."""
    found = reading(sample.source, sample.save(home, *sample.lines), home, max_line=20)

    assert list(found.sightings) == []
    assert found.tally.oversized_lines == len(sample.lines)


@pytest.mark.parametrize("sample", DOCUMENTS, ids=lambda sample: sample.source)
def test_a_document_too_large_is_an_error(sample: Sample, home: Path) -> None:
    """4.4: nothing larger than the limit is held."""
    path = sample.save(home, *sample.lines)

    with pytest.raises(OSError, match="max_line_mb"):
        reading(sample.source, path, home, max_line=20)

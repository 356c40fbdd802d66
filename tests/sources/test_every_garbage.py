"""Every form of every tool's log, spoilt or of random bytes: nothing fails, no name is unsafe."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sources.logs_of_documents import DOCUMENTS, ROWS
from tests.sources.logs_of_lines import LINES
from tests.sources.road import reading
from tests.sources.test_fuzz import SPICES
from tests.sources.test_hostile import is_clean, names
from tokwatch.model.reading import Reading
from tokwatch.sources import SOURCES, source_named
from tokwatch.sources.source import Surroundings

FORMS = {**LINES, **DOCUMENTS, **ROWS}
REQUESTS = 3


@pytest.fixture
def logs(form: str, home: Path) -> list[Path]:
    """Return the logs of a form, just made."""
    FORMS[form](home, REQUESTS)
    source = source_named(form.partition("/")[0])
    assert source is not None
    found = [path for path in sorted(home.rglob("*")) if path.is_file() and source.wants(str(path))]
    roots = [root.path for root in source.roots(Surroundings(home, {}, "linux"))]
    return [path for path in found if not roots or any(path.is_relative_to(one) for one in roots)]


def read(form: str, path: Path) -> Reading | None:
    """Return a reading; None where the log cannot be read at all, which is told as such."""
    try:
        return reading(form.partition("/")[0], path, path.parent)
    except OSError:
        return None


def spoilt(random: Random, content: bytes) -> bytes:
    """Return content after a few accidents."""
    for _ in range(random.choice((1, 2, 5))):
        at = random.randrange(len(content))
        accident = random.choice((b"", bytes([random.randrange(256)]), random.choice(SPICES)))
        content = content[:at] + accident + content[at + random.choice((0, 1, 40)) :]
    return content


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(random=st.randoms(use_true_random=False), garbage=st.binary(max_size=300))
def test_garbage_fails_nothing(form: str, logs: list[Path], random: Random, garbage: bytes) -> None:
    """4.2, 4.7: bytes changed, cut out and put in anywhere; and bytes that were never a log."""
    for path in logs:
        content = path.read_bytes()
        try:
            path.write_bytes(garbage + b"\n")
            nothing = read(form, path)
            assert nothing is None or not list(nothing.sightings)
            path.write_bytes(spoilt(random, content))
            found = read(form, path)
            assert found is None or all(is_clean(name) for name in names(found))
        finally:
            path.write_bytes(content)
    assert logs


def test_every_source_is_tried() -> None:
    assert {form.partition("/")[0] for form in FORMS} == {source.name for source in SOURCES}

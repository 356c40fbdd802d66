"""A home with the logs of all tools at once holds the sum of its parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.logs_of_documents import DOCUMENTS, ROWS
from tests.sources.logs_of_lines import LINES
from tests.sources.road import Road, Sums
from tokwatch.model.usage import Dimension
from tokwatch.sources import SOURCES
from tokwatch.sources.gateways.headroom import Headroom
from tokwatch.sources.gateways.litellm import LiteLLM
from tokwatch.sources.source import Root, Surroundings

BUILDS = {name: build for name, build in (LINES | DOCUMENTS | ROWS).items() if "/" not in name}
REQUESTS = 3


@pytest.fixture(autouse=True)
def _placed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the settings name a folder for the gateways that have no usual one."""
    for gateway in (LiteLLM, Headroom):

        def roots(self: object, where: Surroundings, name: str = gateway.name) -> tuple[Root, ...]:
            return (Root(where.home / "gateways" / name),)

        monkeypatch.setattr(gateway, "roots", roots)


def sums(home: Path, data: Path) -> Sums:
    """Return what a home's logs tell, by source."""
    road = Road(home, data)
    try:
        road.read()
        assert not road.ingest.read_errors
        return road.sums((Dimension.SOURCE,))
    finally:
        road.close()


def test_a_home_with_all_tools_gives_the_sum_of_its_parts(tmp_path: Path) -> None:
    """Each tool is found where it keeps its logs, and none takes from another."""
    parts: Sums = {}
    for name, build in BUILDS.items():
        build(tmp_path / name, REQUESTS)
        build(tmp_path / "all", REQUESTS)
        (part,) = sums(tmp_path / name, tmp_path / f"{name}-data").items()
        assert part[0] == (name,)
        assert part[1].requests >= REQUESTS, name
        parts |= dict([part])

    assert sums(tmp_path / "all", tmp_path / "data") == parts
    assert set(BUILDS) == {source.name for source in SOURCES}

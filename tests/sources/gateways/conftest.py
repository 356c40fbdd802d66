"""What the tests of gateways get: gateways without a usual place have one in the test's home."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokwatch.sources.gateways.headroom import Headroom
from tokwatch.sources.gateways.litellm import LiteLLM
from tokwatch.sources.source import Root


@pytest.fixture(autouse=True)
def _placed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the settings name a folder for each."""
    for gateway in (LiteLLM, Headroom):
        folder = home / "gateways" / gateway.name
        monkeypatch.setattr(gateway, "roots", lambda self, where, it=folder: (Root(it),))

"""What docs/sources.md tells users of LiteLLM to set up, word for word."""

from __future__ import annotations

import re
from pathlib import Path

from tests.conftest import REPOSITORY


def told(language: str) -> str:
    """Return the block of this language under "Setting LiteLLM up"."""
    page = (REPOSITORY / "docs" / "sources.md").read_text("utf-8")
    section = re.split(r"^##+ ", page.partition("### Setting LiteLLM up\n")[2], flags=re.M)[0]
    (block,) = re.findall(rf"^```{language}\n(.*?)^```", section, re.M | re.S)
    return str(block)


def set_up(folder: Path, models: str) -> Path:
    """Write callback and config of a proxy that serves these models, and return the config."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokwatch_log.py").write_text(told("python"), "utf-8")
    config = folder / "config.yaml"
    config.write_text(models + told("yaml"), "utf-8")
    return config

"""Puts the price list of genai-prices into the wheel, so that no start has to make it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LIST = "tokwatch/prices/installed.json"


class PriceList(BuildHookInterface[Any]):
    """Writes the list beside the code that reads it; tokwatch makes its own where it is missing."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the list with the genai-prices of the build environment."""
        root = Path(self.root)
        command = [sys.executable, "-m", "tokwatch.prices.shipped", str(root / LIST)]
        environment = {**os.environ, "PYTHONPATH": str(root)}
        done = subprocess.run(command, env=environment, cwd=root, check=False)
        if done.returncode:
            self.app.display_warning("no price list in this build: tokwatch makes it at its start")
        else:
            build_data["artifacts"].append(LIST)

"""Puts into the wheel what is made, not written: the price list, and the compiled modules."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LIST = "tokwatch/prices/installed.json"


class Made(BuildHookInterface[Any]):
    """Makes both beside the code that reads them; tokwatch does without where that fails."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the list for every distribution, the compiled modules for wheels only."""
        self.make_list(build_data)
        if self.target_name == "wheel":
            self.compile_modules(build_data)

    def make_list(self, build_data: dict[str, Any]) -> None:
        """Make the list with the genai-prices of the build environment."""
        if run(self.root, "-m", "tokwatch.prices.shipped", LIST).returncode:
            self.app.display_warning("no price list in this build: tokwatch makes it at its start")
        else:
            build_data["artifacts"].append(LIST)

    def compile_modules(self, build_data: dict[str, Any]) -> None:
        """Compile for this Python and platform; the wheel is for any where that fails."""
        done = run(self.root, "compile_quick.py")
        told = done.stdout.splitlines() or ["nothing was compiled"]
        if done.returncode:
            self.app.display_warning(f"{told[-1]}: logs are read by plain Python, more slowly")
        else:
            # Some compilers print names of their own.
            build_data["artifacts"] += [line for line in told if line.startswith("tokwatch/")]
            build_data["pure_python"] = False
            build_data["infer_tag"] = True


def run(root: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python on the sources, beside what the build environment has."""
    beside = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([root, *([beside] if beside else [])])
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": path},
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )

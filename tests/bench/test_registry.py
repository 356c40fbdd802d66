"""`python -m bench`: every benchmark can be asked what it does."""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from bench.__main__ import BENCHMARKS, main
from bench.measured import CLONE


@pytest.mark.parametrize("name", BENCHMARKS)
def test_each_benchmark_explains_its_options(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert BENCHMARKS[name].about[:30] in told
    assert "--" in told.replace("--help", "")


@pytest.mark.parametrize("name", BENCHMARKS)
def test_each_benchmark_is_a_module_of_its_own_shape(name: str) -> None:
    module = import_module(BENCHMARKS[name].module)
    module.add_arguments(argparse.ArgumentParser())
    assert callable(module.run)


def test_the_help_names_all_benchmarks(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    assert all(name in told for name in BENCHMARKS)


def test_no_other_benchmark_is_loaded_for_a_run() -> None:
    code = (
        "import sys; from bench.__main__ import main\n"
        "try: main(['warm', '--help'])\n"
        "except SystemExit: print(sorted(name for name in sys.modules if 'tokwatch' in name))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=CLONE, capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines()[-1] == "[]"


def test_what_cannot_be_run_is_told_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cold", "--home", str(tmp_path), "--runs", "1", "--ccusage", "/nowhere"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("bench: /nowhere")
    assert told.count("\n") == 1

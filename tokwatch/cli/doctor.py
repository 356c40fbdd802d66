"""`tokwatch doctor`: checks store, sources, prices and versions, and says what to do."""

from __future__ import annotations

import argparse
import time

from msgspec.structs import asdict

from tokwatch.cli.json_form import add_json, as_json
from tokwatch.words import counted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tokwatch doctor`."""
    parser.description = (
        "Check versions, settings, store, sources, endpoints, prices and the terminal, and say of "
        "whatever is wrong what to do about it."
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print every finding as it is made, and keep them for the screen; 1 when one is bad."""
    from tokwatch.config import load
    from tokwatch.doctor.checked import checked_of, keep
    from tokwatch.doctor.examine import examine
    from tokwatch.doctor.findings import Finding, Level

    marks = {Level.OK: "ok  ", Level.NOTE: "note", Level.PROBLEM: "!   "}
    config = load(args.config, args.data, args.profile)
    findings: list[Finding] = []
    for finding in examine(config):
        findings.append(finding)
        if not args.json:
            print(f"{marks[finding.level]}  {finding.about}: {finding.told}")
            if finding.advice:
                print(f"      → {finding.advice}")
    each = [(one.about, one.told, one.level is Level.PROBLEM) for one in findings]
    keep(config.data, checked_of(each, time.time_ns() // 1_000_000))
    problems = sum(finding.level is Level.PROBLEM for finding in findings)
    if args.json:
        document = {"problems": problems, "findings": [asdict(finding) for finding in findings]}
        print(as_json(document))
    else:
        print(f"\n{counted(problems, 'problem')}" if problems else "\nnothing is wrong")
    return 1 if problems else 0

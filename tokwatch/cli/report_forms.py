"""The forms that any report can be printed in: tables, JSON, CSV, Markdown, a page of HTML."""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tokwatch.cli.report_sections import Section, html, markdown, text


def add_forms(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose a form."""
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON; see docs/reports.md")
    form.add_argument("--csv", action="store_true", help="print CSV")
    form.add_argument("--md", action="store_true", help="print Markdown")
    form.add_argument("--html", action="store_true", help="print a page that needs nothing else")


def told(
    args: argparse.Namespace,
    title: str,
    subtitle: str,
    sections: Callable[[], Sequence[Section]],
    document: Callable[[], Mapping[str, Any]],
) -> str:
    """Return a report in the form that was asked for."""
    if args.json:
        return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"
    if args.csv:
        return _csv(document())
    if args.md:
        return markdown(sections())
    return html(title, subtitle, sections()) if args.html else text(sections())


def _csv(document: Mapping[str, Any]) -> str:
    """Return a document as one value a line: its list, what it is of, its key, the value."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write(["section", "name", "measure", "value"])
    for row in _values(document):
        write(["" if cell is None else cell for cell in row])
    return out.getvalue()


def _values(document: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for key, value in document.items():
        if isinstance(value, Mapping):
            yield from ((key, "", name, each) for name, each in value.items())
        elif isinstance(value, list):
            for row in value:
                (_, name), *others = row.items()
                yield from ((key, name, *pair) for pair in others)
        else:
            yield "", "", key, value

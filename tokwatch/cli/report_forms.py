"""The forms that any report can be printed in: tables, JSON, CSV, Markdown, a page of HTML."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tokwatch.cli.json_form import add_json, as_json

if TYPE_CHECKING:
    from tokwatch.cli.report_sections import Section


def add_forms(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose a form."""
    form = parser.add_mutually_exclusive_group()
    add_json(form)
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
        return as_json(document()) + "\n"
    if args.csv:
        return _csv(document())
    from tokwatch.cli.report_sections import html, markdown, text

    if args.md:
        return markdown(sections())
    return html(title, subtitle, sections()) if args.html else text(sections())


def _csv(document: Mapping[str, Any]) -> str:
    """Return a document as one value a line: its list, what it is of, its key, the value."""
    import csv
    import io

    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write(["section", "name", "measure", "value"])
    for row in _values(document):
        write([csv_cell(value) for value in row])
    return out.getvalue()


def csv_cell(value: object) -> object:
    """Return a value as a cell; a text that a spreadsheet would run as a formula is marked."""
    if isinstance(value, list):
        value = "; ".join(map(str, value))
    is_formula = isinstance(value, str) and value.startswith(("=", "+", "-", "@"))
    return "" if value is None else f"'{value}" if is_formula else value


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

"""`tokwatch report compression`: what compressions came to, from records that hold no text."""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import structs

from tokwatch.analysis.compression import Compressions, CompressionSum, compressions
from tokwatch.cli.json_form import as_json
from tokwatch.cli.money import dollars, usd
from tokwatch.errors import ConfigError
from tokwatch.words import counted, printable

if TYPE_CHECKING:
    from tokwatch.config import Config

_HEADS = ("model", "runs", "failed", "before", "after", "saved", "ratio", "less", "median", "ms")
_NONE: Final = "No compression is recorded in this range."
Table = list[list[str]]


def print_compression(args: argparse.Namespace, config: Config) -> int:
    """Read the records of the range and print what they come to."""
    from tokwatch.cli.refreshed import refreshed

    if args.source or args.project:
        raise ConfigError("report compression takes neither --source nor --project.")
    if not args.no_refresh:
        refreshed(config)
    found = _read(args, config)
    if args.json:
        print(as_json(_document(found)))
    elif args.csv:
        print(_csv(found), end="")
    elif args.html:
        print(_page(found), end="")
    else:
        lines = _markdown(found) if args.md else _lines(found)
        for line in lines:
            print(line)
    return 0


def _read(args: argparse.Namespace, config: Config) -> Compressions:
    from tokwatch.cli.days import part_asked
    from tokwatch.cli.named import MODEL, named
    from tokwatch.prompts.library import runs
    from tokwatch.store.read.usage import usage
    from tokwatch.store.store import open_existing
    from tokwatch.store.view import open_view

    if args.timezone:
        general = structs.replace(config.general, timezone=args.timezone)
        config = structs.replace(config, general=general)
    part = part_asked(args, config)
    database = open_existing(config.store.url, config.data)
    if database is None:
        return compressions([], 0)
    try:
        view = open_view(database, config.general.workspace)
        told = runs(view, part.since_ms, part.until_ms)
        if args.model:
            names = named(MODEL, list({run.model for run in told}), tuple(args.model))
            told = [run for run in told if run.model in names]
        prompt = sum(cell.usage.prompt for cell in usage(view, part))
    finally:
        database.close()
    return compressions(told, prompt)


def _document(found: Compressions) -> dict[str, object]:
    return {
        "compression": [{"modelName": one.model, **_record(one)} for one in found.models],
        "techniques": [
            {"name": one.name, "runs": one.runs, "savedTokens": one.tokens}
            for one in found.techniques
        ],
        "failures": {str(failure): count for failure, count in found.failures},
        "totals": {
            **_record(found.total),
            "promptTokens": found.prompt_tokens,
            "optimisedShare": found.optimised_share,
        },
    }


def _record(one: CompressionSum) -> dict[str, object]:
    return {
        "runs": one.runs,
        "failed": one.failed,
        "failureRate": one.failure_rate,
        "tokensBefore": one.before,
        "tokensAfter": one.after,
        "savedTokens": one.saved,
        "ratio": one.ratio,
        "reduction": one.reduction,
        "medianReduction": one.median_reduction,
        "accepted": one.accepted,
        "rejected": one.rejected,
        "medianMs": one.ms,
        "summaryCost": dollars(one.summary_nano),
    }


def _page(found: Compressions) -> str:
    from tokwatch.cli.report_sections import Section, html

    runs, steps = _table(found), _techniques(found)
    remarks = tuple(_remarks(found))
    sections = [
        Section("By model", tuple(runs[0]), tuple(map(tuple, runs[1:])), has_total=True),
        Section("By technique", tuple(steps[0]), tuple(map(tuple, steps[1:])), remarks),
    ]
    nothing = [Section("", (), (), (_NONE,))]
    title, subtitle = "tokwatch: compression", counted(found.total.runs, "run")
    return html(title, subtitle, sections if found.total.runs else nothing)


def _csv(found: Compressions) -> str:
    from tokwatch.cli.report_forms import csv_cell

    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    names = list(_record(found.total))
    write(["model", *names])
    for one in found.models:
        write([csv_cell(value) for value in (one.model, *_record(one).values())])
    return out.getvalue()


def _table(found: Compressions) -> Table:
    rows = [_row(one, printable(one.model) or "o200k") for one in found.models]
    return [list(_HEADS), *rows, _row(found.total, "total")]


def _row(one: CompressionSum, name: str) -> list[str]:
    return [
        *(name, f"{one.runs:,}", f"{one.failed:,}"),
        *(f"{one.before:,}", f"{one.after:,}", f"{one.saved:,}"),
        "n/a" if one.ratio is None else f"{one.ratio:.2f}x",
        *(_percent(one.reduction), _percent(one.median_reduction), f"{one.ms:,}"),
    ]


def _techniques(found: Compressions) -> Table:
    rows = [[one.name, f"{one.runs:,}", f"{one.tokens:,}"] for one in found.techniques]
    return [["technique", "runs", "saved"], *rows]


def _lines(found: Compressions) -> Iterator[str]:
    """Yield the tables and what the whole comes to."""
    if not found.total.runs:
        yield _NONE
        return
    yield from _aligned(_table(found))
    yield ""
    yield from _aligned(_techniques(found))
    yield ""
    yield from _remarks(found)


def _markdown(found: Compressions) -> Iterator[str]:
    """Yield the same as Markdown."""
    if not found.total.runs:
        yield _NONE
        return
    for table in (_table(found), _techniques(found)):
        table.insert(1, ["---", *["---:"] * (len(table[0]) - 1)])
        yield from (
            f"| {' | '.join(c.replace('|', chr(92) + '|') for c in row)} |" for row in table
        )
        yield ""
    yield from _remarks(found)


def _remarks(found: Compressions) -> Iterator[str]:
    total = found.total
    why = ", ".join(f"{count:,} {failure}" for failure, count in found.failures)
    told = f"{_percent(total.failure_rate)} of {counted(total.runs, 'run')} came to nothing"
    yield f"{told}: {why}" if why else told
    yield (
        f"{_percent(found.optimised_share)} of {counted(found.prompt_tokens, 'prompt token')} "
        f"in your logs: {total.before:,} went through a compression"
    )
    yield f"{counted(total.accepted, 'change')} stand, {total.rejected:,} were rejected"
    if total.summary_nano:
        yield f"summaries and rewritings by models cost {usd(total.summary_nano, 4)}"


def _aligned(table: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = zip(row, widths, strict=True)
        yield "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(cells)
        )


def _percent(share: float | None) -> str:
    return "n/a" if share is None else f"{share:.1%}"

"""Tables with titles, which any report comes down to: as text, Markdown, or one page of HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tokwatch.words import printable


class Section(NamedTuple):
    """A table of a report, and what is said below it."""

    title: str
    heads: tuple[str, ...]
    """None where the first column says what the figures are."""
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    names: int = 1
    """How many columns hold words and stand to the left; figures follow."""
    has_total: bool = False
    """Whether the last row is the total of the others."""
    shares: tuple[float, ...] = ()
    """Of the largest figure, a row each from 0 to 1: drawn as bars where that is possible."""


def text(sections: Iterable[Section]) -> str:
    """Return tables for a terminal."""
    return "\n".join(_block(section) for section in sections)


def _block(section: Section) -> str:
    heads = [section.heads] if section.heads and section.rows else []
    table = [*heads, *section.rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if place < section.names else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]
    if lines:
        rule = "─" * max(map(len, lines))
        if heads:
            lines.insert(1, rule)
        if section.has_total:
            lines.insert(-1, rule)
    title = [section.title, ""] if section.title else []
    return "\n".join([*title, *lines, *section.notes, ""])


def markdown(sections: Iterable[Section]) -> str:
    """Return Markdown tables under their titles."""
    return "\n".join(_markdown(section) for section in sections)


def _markdown(section: Section) -> str:
    title = [f"## {section.title}", ""] if section.title else []
    rows: Sequence[Sequence[str]] = []
    if section.rows:
        rule = ["---" if n < section.names else "---:" for n in range(len(section.rows[0]))]
        rows = [section.heads or ("",) * len(section.rows[0]), rule, *section.rows]
    table = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    gap = [""] if table and section.notes else []
    return "\n".join([*title, *table, *gap, *section.notes, ""])


_STYLE = """
:root { color-scheme: light dark; --line: #8884; --bar: #4a90d955; --quiet: #888; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
.range, .note { color: var(--quiet); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; min-width: 50%; }
th, td { padding: .25rem .9rem .25rem .3rem; text-align: right; white-space: nowrap; }
th.name, td.name { text-align: left; }
td.name { white-space: normal; overflow-wrap: anywhere; min-width: 7rem; }
th { border-bottom: 2px solid var(--line); } td { border-bottom: 1px solid var(--line); }
tr.total td { font-weight: 600; border-top: 2px solid var(--line); }
td.bar { background: linear-gradient(to right, var(--bar) var(--share), transparent 0); }
@page { size: A4 landscape; margin: 12mm; }
@media print { body { font-size: 11px; margin: 0; max-width: none; } }
"""


def html(title: str, subtitle: str, sections: Iterable[Section]) -> str:
    """Return a page that needs nothing else: no script, no font, no picture from anywhere."""
    body = "\n".join(_html(section) for section in sections)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_safe(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<h1>{_safe(title)}</h1>\n<p class="range">{_safe(subtitle)}</p>\n{body}\n'
        "</body>\n</html>\n"
    )


def _html(section: Section) -> str:
    parts = [f"<h2>{_safe(section.title)}</h2>"] if section.title else []
    if section.rows:
        heads = "".join(
            _cell("th", cell, n < section.names) for n, cell in enumerate(section.heads)
        )
        rows = (_row(section, number) for number in range(len(section.rows)))
        parts += [
            '<div class="wide"><table>',
            f"<thead><tr>{heads}</tr></thead>" if heads else "",
            "<tbody>",
            *rows,
            "</tbody></table></div>",
        ]
    parts += [f'<p class="note">{_safe(note)}</p>' for note in section.notes]
    return "\n".join(parts)


def _row(section: Section, number: int) -> str:
    first, *others = section.rows[number]
    share = section.shares[number] if number < len(section.shares) else 0.0
    bar = f'<td class="name bar" style="--share:{share:.1%}">{_safe(first)}</td>'
    cells = (_cell("td", cell, n + 1 < section.names) for n, cell in enumerate(others))
    is_total = section.has_total and number == len(section.rows) - 1
    kind = ' class="total"' if is_total else ""
    return f"<tr{kind}>{bar if share else _cell('td', first, True)}{''.join(cells)}</tr>"


def _cell(tag: str, content: str, is_name: bool) -> str:
    kind = ' class="name"' if is_name else ""
    return f"<{tag}{kind}>{_safe(content)}</{tag}>"


def _safe(content: str) -> str:
    """Return text that is text in HTML: names of models and projects come from logs."""
    from html import escape

    return escape(printable(content))

"""What `tokwatch templates` prints of templates: a table, one of them whole, and JSON."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tokwatch.analysis.calendar import instant
from tokwatch.cli.json_form import as_json
from tokwatch.errors import TokwatchError
from tokwatch.prompts.library import template_text, templates, versions
from tokwatch.words import printable

if TYPE_CHECKING:
    from tokwatch.model.template import Template, Version
    from tokwatch.store.view import View


def print_list(view: View | None, args: argparse.Namespace) -> int:
    """Print the templates."""
    found = templates(view, args.tag.lower()) if view else []
    if args.json:
        print(as_json({"templates": [_record(one) for one in found]}))
        return 0
    if not found:
        which = f" with the tag {printable(args.tag)}" if args.tag else ""
        print(f"There is no template{which}: `tokwatch templates save NAME FILE` makes one.")
        return 0
    width = max(10, *(len(printable(one.name)) for one in found))
    heads = f"{'detailed':>9} {'terse':>7} {'less':>5} {'v':>3} {'uses':>5}  {'last used':<10}"
    print(f"{'name':<{width}} {heads} tags")
    for one in found:
        print(
            f"{printable(one.name):<{width}} {_row(one)} {printable(', '.join(one.tags))}".rstrip()
        )
    return 0


def print_template(view: View | None, args: argparse.Namespace) -> int:
    """Print one template whole: its versions, and the texts of one of them."""
    from tokwatch.cli.compress_order import whole

    number = whole("--version", args.version)
    found = template_text(view, args.name, number) if view else None
    if view is None or found is None:
        told = f" with a version {number}" if number else ""
        hint = "`tokwatch templates list` prints them."
        raise TokwatchError(f"There is no template {args.name!r}{told}.", hint)
    known = versions(view, args.name)
    if args.json:
        texts = {"detailed": found.detailed, "terse": found.terse or None}
        told_versions = [_version(one) for one in known]
        told_of = {"name": found.name, "version": found.version.number}
        print(as_json({**told_of, **texts, "versions": told_versions}))
        return 0
    for one in known:
        mark = ">" if one.number == found.version.number else " "
        print(f"{mark} version {one.number}, {_day(one.saved_ms)}: {_tokens(one)}")
    for name, text in (("detailed", found.detailed), ("terse", found.terse)):
        if text:
            print(f"--- {name} ---")
            print("\n".join(printable(line.expandtabs()) for line in text.splitlines()))
    return 0


def _row(one: Template) -> str:
    newest = one.newest
    terse = f"{newest.terse_tokens:,}" if newest.has_terse else "-"
    less = "-" if newest.saving is None else f"{newest.saving:.0%}"
    used = _day(one.used_ms) if one.used_ms else "never"
    counts = f"{newest.detailed_tokens:>9,} {terse:>7} {less:>5} {newest.number:>3} {one.uses:>5,}"
    return f"{counts}  {used:<10}"


def _tokens(one: Version) -> str:
    of = f" of {printable(one.model)}" if one.model else ""
    if one.saving is None:
        return f"{one.detailed_tokens:,} tokens{of}"
    by = f", by {', '.join(one.stages)}" if one.stages else ""
    return (
        f"{one.detailed_tokens:,} tokens{of}, terse {one.terse_tokens:,} ({one.saving:.0%} less)"
        f" from {one.terse_from:,} tokens of context on{by}"
    )


def _record(one: Template) -> dict[str, object]:
    return {
        "name": one.name,
        "user": one.user,
        "tags": list(one.tags),
        "uses": one.uses,
        "usedMs": one.used_ms,
        "versions": one.versions,
        "newest": _version(one.newest),
    }


def _version(one: Version) -> dict[str, object]:
    return {
        "version": one.number,
        "savedMs": one.saved_ms,
        "model": one.model or None,
        "detailedTokens": one.detailed_tokens,
        "terseTokens": one.terse_tokens if one.has_terse else None,
        "terseFrom": one.terse_from,
        "stages": list(one.stages),
    }


def _day(at_ms: int) -> str:
    return f"{instant(at_ms):%Y-%m-%d}"

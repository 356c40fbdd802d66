"""`tokwatch templates`: prompts to use again, whose texts are kept because you saved them."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from tokwatch.cli.json_form import add_json, as_json
from tokwatch.errors import TokwatchError
from tokwatch.model.template import TERSE_FROM, Variant
from tokwatch.words import printable

if TYPE_CHECKING:
    from tokwatch.config import Config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `tokwatch templates`."""
    parser.description = (
        "Prompts to use again, in versions, with a detailed and a terse wording. Their texts stand "
        "in the store because you save them; nothing else of tokwatch keeps text."
    )
    actions = parser.add_subparsers(
        dest="action", metavar="ACTION", required=True, parser_class=argparse.ArgumentParser
    )

    def action(name: str, help: str) -> argparse.ArgumentParser:
        return actions.add_parser(name, help=help, allow_abbrev=False, description=help)

    found = action("list", "list the templates with their tokens and uses")
    found.add_argument("--tag", metavar="TAG", default="", help="only those of this tag")
    shown = action("show", "print a template with its versions and both wordings")
    shown.add_argument("name", metavar="NAME")
    shown.add_argument("--version", metavar="N", help="an older one")
    saved = action("save", "save a text as a template, or as its next version")
    _add_save(saved)
    used = action("use", "print the wording that fits, and count the use")
    _add_use(used)
    tagged = action("tag", "give a template these tags in place of those it had")
    tagged.add_argument("name", metavar="NAME")
    tagged.add_argument("tags", metavar="TAG", nargs="*")
    gone = action("rm", "delete a template with all its versions")
    gone.add_argument("name", metavar="NAME")
    out = action("export", "write templates to files of a folder")
    out.add_argument("folder", metavar="FOLDER")
    out.add_argument("names", metavar="NAME", nargs="*", help="all unless told")
    taken = action("import", "take in files: exported ones, or any text")
    taken.add_argument("files", metavar="FILE", nargs="+")
    for each in (found, shown, saved, used, tagged, gone, out, taken):
        add_json(each)


def _add_save(parser: argparse.ArgumentParser) -> None:
    option = parser.add_argument
    option("name", metavar="NAME")
    option("file", metavar="FILE", nargs="?", default="-", help="a text; - for standard input")
    option("--terse", metavar="FILE", help="a terse wording of it")
    option("--compress", action="store_true", help="make the terse wording by the engine")
    option("--reduce", metavar="PERCENT", help="with --compress: the share of tokens that goes")
    option("--model", metavar="M", default="", help="count as this model does; without it, o200k")
    option("--tag", metavar="TAG", action="append", help="may be repeated; replaces the tags")
    option(
        "--terse-from",
        metavar="N",
        default=str(TERSE_FROM),
        help=f"tokens of context from which on the terse wording does; {TERSE_FROM:,} unless told",
    )


def _add_use(parser: argparse.ArgumentParser) -> None:
    option = parser.add_argument
    option("name", metavar="NAME")
    option("--context", metavar="N", default="0", help="tokens of context that are there already")
    option("--version", metavar="N", help="an older one")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--terse", action="store_true", help="the terse wording")
    which.add_argument("--detailed", action="store_true", help="the detailed wording")


def run(args: argparse.Namespace) -> int:
    """Do what is asked."""
    from tokwatch.config import load
    from tokwatch.prompts.library import reading

    config = load(args.config, args.data, args.profile)
    match args.action:
        case "list" | "show":
            from tokwatch.cli.templates_text import print_list, print_template

            with reading(config) as view:
                return (
                    print_list(view, args) if args.action == "list" else print_template(view, args)
                )
        case "save" | "export" | "import":
            from tokwatch.cli import templates_files

            with reading(config) as view:
                return templates_files.run(args, config, view)
        case "use":
            return _use(args, config)
        case _:
            return _change(args, config)


def _use(args: argparse.Namespace, config: Config) -> int:
    from tokwatch.cli.compress_order import whole
    from tokwatch.prompts.library import use

    variant = Variant.TERSE if args.terse else Variant.DETAILED if args.detailed else None
    used = use(
        config,
        args.name,
        time.time_ns() // 1_000_000,
        context_tokens=whole("--context", args.context, 0) or 0,
        variant=variant,
        version=whole("--version", args.version),
    )
    print(f"tokwatch: version {used.version}, {used.variant}: {used.why}", file=sys.stderr)
    if args.json:
        told = {"version": used.version, "wording": str(used.variant), "why": used.why}
        print(as_json({"name": args.name, **told, "text": used.text}))
        return 0
    sys.stdout.flush()
    sys.stdout.buffer.write(used.text.encode("utf-8"))
    sys.stdout.buffer.flush()
    return 0


def _change(args: argparse.Namespace, config: Config) -> int:
    from tokwatch.prompts.library import remove, retag, tidy_tags

    tags = list(tidy_tags(args.tags)) if args.action == "tag" else None
    done = remove(config, args.name) if tags is None else retag(config, args.name, args.tags)
    if not done:
        raise TokwatchError(
            f"There is no template {args.name!r} of yours.",
            "`tokwatch templates list` prints them.",
        )
    if args.json:
        done_to = {"isDeleted": True} if tags is None else {"tags": tags}
        print(as_json({"name": args.name, **done_to}))
    else:
        told = "deleted" if tags is None else ", ".join(tags) or "none"
        print(f"{printable(args.name)}: {told}")
    return 0

"""How templates come from texts and files, and go to files."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from tokwatch.cli.json_form import as_json
from tokwatch.errors import ConfigError, TokwatchError
from tokwatch.model.template import Draft
from tokwatch.prompts.library import exported, save, take_in, templates
from tokwatch.prompts.template_file import Dated, TemplateFile, read_template
from tokwatch.words import counted, printable

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.store.view import View

SUFFIX: Final = ".tokwatch.json"


def run(args: argparse.Namespace, config: Config, view: View | None) -> int:
    """Save, export or import."""
    match args.action:
        case "save":
            return _save(args, config)
        case "export":
            return _export(args, view)
        case _:
            return _import(args, config, view)


def _save(args: argparse.Namespace, config: Config) -> int:
    from tokwatch.cli.compress_order import share, whole
    from tokwatch.prompts.given_text import given_text

    if args.compress and args.terse:
        raise ConfigError("--compress makes the wording that --terse names: take one of them.")
    if args.reduce and not args.compress:
        raise ConfigError("--reduce goes with --compress.")
    if args.file == "-" and args.terse == "-":
        raise ConfigError("Only one text can come from standard input.")
    reduction, terse_from = (
        share("--reduce", args.reduce),
        whole("--terse-from", args.terse_from, 0),
    )
    text = given_text(args.file).text
    terse = given_text(args.terse).text if args.terse else ""
    draft = _draft(config, text, terse, args.model)
    if args.compress:
        draft = _compressed(config, text, args.model, reduction)
    draft = replace(draft, terse_from=terse_from or 0)
    number = save(config, args.name, draft, time.time_ns() // 1_000_000, args.tag)
    if args.json:
        terse_tokens = draft.terse_tokens if draft.terse else None
        tokens = {"detailedTokens": draft.detailed_tokens, "terseTokens": terse_tokens}
        print(as_json({"name": args.name, "version": number, **tokens}))
        return 0
    told = f"{draft.detailed_tokens:,} tokens"
    if draft.terse:
        told += f", terse {draft.terse_tokens:,}"
    print(f"{printable(args.name)}, version {number}: {told}. Its text stands in the store.")
    return 0


def _draft(config: Config, detailed: str, terse: str, model: str) -> Draft:
    """Return texts with their tokens."""
    from tokwatch.workbench.meter import Meter

    meter = Meter(model, config, {})
    before, after = (
        meter.scale(text, meter.raw(text)).counted.tokens for text in (detailed, terse)
    )
    return Draft(detailed, terse, model, before, after)


def _compressed(config: Config, text: str, model: str, reduction: float | None) -> Draft:
    """Return a text with the terse wording that the engine makes of it."""
    from tokwatch.prompts.compressing import Order, Press

    done = Press(text, Order(model, reduction=reduction), config, {}).pressed(None)
    if done.after >= done.before:
        raise TokwatchError("The engine finds nothing to shorten.", "Save it without --compress.")
    stages = tuple(name for name, _ in done.stages)
    return Draft(text, done.text, model, done.before, done.after, stages=stages)


def _export(args: argparse.Namespace, view: View | None) -> int:
    folder = Path(args.folder)
    names = args.names or list(dict.fromkeys(one.name for one in templates(view)) if view else ())
    texts = {name: exported(view, name) if view else None for name in names}
    missing = next((name for name, text in texts.items() if text is None), None)
    if missing is not None:
        raise TokwatchError(f"There is no template {missing!r}.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            _write(folder / f"{name}{SUFFIX}", text or "")
    except OSError as error:
        raise TokwatchError(f"{folder} cannot be written to: {error.strerror}.") from None
    if args.json:
        print(as_json({"folder": str(folder), "templates": list(texts)}))
    else:
        print(f"{counted(len(texts), 'template')} with their texts, in {folder}")
    return 0


def _write(file: Path, text: str) -> None:
    """Write a file whole, or not at all."""
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)


def _import(args: argparse.Namespace, config: Config, view: View | None) -> int:
    from tokwatch.prompts.given_text import given_text

    done: list[dict[str, object]] = []
    for name in args.files:
        if name == "-":
            raise ConfigError("A template is named after its file: standard input has no name.")
        text = given_text(name).text
        file = read_template(text)
        if file is None:
            draft = _draft(config, text, "", "")
            stem = Path(name).stem
            file = TemplateFile(stem, (), (Dated(draft, time.time_ns() // 1_000_000),))
        count = take_in(config, view, file)
        told = counted(count, "new version") if count else "nothing new"
        done.append({"name": file.name, "newVersions": count})
        if not args.json:
            print(f"{printable(file.name)}: {told}")
    if args.json:
        print(as_json({"templates": done}))
    return 0

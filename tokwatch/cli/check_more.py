"""What else `check` answers: tokens that can be afforded, room in a context, open alerts."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any

from tokwatch.cli.check import OVER, UNKNOWN, WITHIN, asked_by
from tokwatch.cli.check_words import NANO, STATES, amount, iso, percent, printable, usd
from tokwatch.cli.json_form import as_json
from tokwatch.cli.refreshed import refreshed
from tokwatch.errors import ConfigError
from tokwatch.model.budget import is_model
from tokwatch.status.prepared import Line
from tokwatch.store.store import open_existing
from tokwatch.store.view import View, open_view

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.store.connect import Database

Answer = tuple[int, str, dict[str, Any]]
"""Exit code, sentence, and the same for JSON."""


def answer_more(args: argparse.Namespace) -> int:
    """Print the answer, and return the exit code."""
    from tokwatch.config import load

    if args.model and args.afford is None:
        raise ConfigError("--model is for --afford.", "tokwatch check --afford 5000 --model NAME")
    config = load(*asked_by(args))
    if not args.no_refresh:
        _look(args, config)
    database = open_existing(config.store.url, config.data)
    if database is None:
        found: Answer = (UNKNOWN, "there is no store yet; `tokwatch report daily` makes one", {})
    else:
        try:
            found = _answer(args, config, database)
        finally:
            database.close()
    code, told, values = found
    if args.json:
        print(as_json({"state": STATES[code], "reason": told, **values}))
    else:
        print(f"{STATES[code]}: {told}")
    return code


def _look(args: argparse.Namespace, config: Config) -> None:
    """Bring the store up to date, and where alerts are asked for judge the rules."""
    looked = refreshed(config)
    if args.alerts:
        from tokwatch.alerts.judging import judge_now

        judge_now(config, looked.errors if looked else {})


def _answer(args: argparse.Namespace, config: Config, database: Database) -> Answer:
    now_ms = time.time_ns() // 1_000_000
    view = open_view(database, config.general.workspace)
    if args.alerts:
        return _alerts(view, config, now_ms)
    if args.context is not None:
        return _context(view, config, args.context)
    return _afford(view, config, args, now_ms)


def _alerts(view: View, config: Config, now_ms: int) -> Answer:
    """Tell whether an alert is open that nobody acknowledged or snoozed."""
    from tokwatch.cli.alerts_judged import in_words, judged
    from tokwatch.model.alert import AlertState
    from tokwatch.store.read.alerts import open_alerts

    when = judged(config, view.database)
    found = [one for one in open_alerts(view) if one.state(now_ms) is AlertState.OPEN]
    rows = [
        {"rule": one.rule, "subject": one.subject, "severity": str(one.severity),
         "title": one.title}
        for one in found
    ]  # fmt: skip
    values = {"alerts": rows, "judgedAt": None if when.at_ms is None else iso(when.at_ms)}
    if found:
        told = "; ".join(printable(f"{one.severity} {one.title}") for one in found)
        return OVER, f"{len(found)} open: {told}", values
    if not config.alerts.on:
        return UNKNOWN, "no rule is judged: [alerts] on is false", values
    is_known = when.is_watched or when.at_ms is not None
    told = f"no alert is open: {in_words(when, now_ms)}"
    return (WITHIN if is_known else UNKNOWN), told, values


def _context(view: View, config: Config, name: str) -> Answer:
    """Tell whether a session's context window is below the critical share."""
    from tokwatch.analysis.context import context
    from tokwatch.monitor.rules import rules_of
    from tokwatch.store.read.sessions import sessions

    rules = rules_of(config).rows
    named = [one for one in sessions(view, limit=1_000) if one.session.startswith(name)]
    if len({one.session for one in named}) != 1:
        told = "several sessions begin" if named else "no recent session's id begins"
        return UNKNOWN, f"{told} with {printable(name)}", {}
    fact = max(named, key=lambda one: (not one.agent, one.last_ms))
    shown = context(
        fact,
        rules.windows,
        warning=config.context.warning,
        critical=config.context.critical,
    )
    if shown is None:
        return UNKNOWN, "its log does not tell the size of a prompt", {}
    values = {
        "session": fact.session,
        "contextTokens": shown.tokens,
        "windowTokens": shown.window,
        "windowBasis": shown.basis,
        "share": round(shown.share, 6),
        "level": shown.level,
    }
    told = (
        f"{shown.tokens:,} of {shown.window:,} tokens ({shown.basis}), {percent(shown.share)} of "
        f"the context window; critical from {percent(config.context.critical)}"
    )
    return (OVER if shown.level == "critical" else WITHIN), told, values


def _afford(view: View, config: Config, args: argparse.Namespace, now_ms: int) -> Answer:
    """Tell whether every budget that counts a model has room for so many tokens."""
    from tokwatch.status.preparing import all_lines

    if not args.model:
        raise ConfigError("--afford needs --model NAME.", "Prices are those of a model.")
    lines = [
        one
        for one in all_lines(view, config, now_ms)
        if all(kind == "model" and is_model(args.model, name) for kind, name in one.scopes)
    ]
    nano, note = _price(config, args.model, args.afford, args.output_tokens, now_ms)
    values: dict[str, Any] = {
        "model": args.model,
        "tokens": args.afford,
        "outputTokens": args.output_tokens,
        "costUsd": None if nano is None else nano / NANO,
    }
    if nano is None and any(one.unit == "usd" for one in lines):
        return UNKNOWN, f"no price is known for {printable(args.model)}: {note}", values
    if not lines:
        return UNKNOWN, f"no budget counts all use of {printable(args.model)}", values
    needs = [(one, _need(one, args, nano or 0)) for one in lines]
    short = [(one, need) for one, need in needs if need > one.left]
    price = "" if nano is None else f" cost {_most(nano)}"
    what = f"{args.afford + args.output_tokens:,} tokens of {printable(args.model)}{price}"
    if short:
        one, _ = max(short, key=lambda pair: pair[1] - pair[0].left)
        told = f"{what}; {printable(one.name)} has {amount(one, max(0, one.left))} left"
        return OVER, told, values | {"budget": one.name}
    one, _ = min(needs, key=lambda pair: (pair[0].left - pair[1]) / pair[0].limit)
    return WITHIN, f"{what}; {printable(one.name)} has {amount(one, one.left)} left", values


def _most(nano: int) -> str:
    """Return a cost as what it is at most."""
    return "less than $0.01" if 0 < nano < NANO // 100 else f"{usd(nano)} or less"


def _need(one: Line, args: argparse.Namespace, nano: int) -> int:
    """Return what the tokens take of a budget."""
    if one.unit == "usd":
        return nano
    if one.unit == "requests":
        return 1
    tokens, output = int(args.afford), int(args.output_tokens)
    return {"all": tokens + output, "input": tokens, "output": output}.get(one.tokens, 0)


def _price(
    config: Config, model: str, tokens: int, output: int, now_ms: int
) -> tuple[int | None, str]:
    """Return what tokens cost when none of them is cached, or why that is not known."""
    from tokwatch.model.card import card_at, cost_nano
    from tokwatch.prices.resolve import resolve
    from tokwatch.prices.settings import PriceSettings

    provider, _, name = model.rpartition("/")
    found = resolve(provider, name, settings=PriceSettings.from_config(config.prices, config.data))
    card = card_at(found.cards, now_ms, tokens)
    if card is None:
        return None, found.note
    return cost_nano(card, tokens, 0, 0, 0, output, 0), ""

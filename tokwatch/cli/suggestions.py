"""`tokwatch suggestions`: what would save money, and what its reader says to it."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from msgspec.structs import asdict

from tokwatch.cli.json_form import add_json, as_json, camel_keys
from tokwatch.cli.money import dollars
from tokwatch.errors import TokwatchError

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.model.suggestion import Suggestion, TriggerCount

ANSWERS: Final = {
    "accept": ("accepted", "follow a suggestion; what it promised is watched from now on"),
    "dismiss": ("dismissed", "do without a suggestion; those of its kind sink"),
    "done": ("done", "say that you have followed a suggestion; it stays watched"),
    "reopen": ("new", "take back what you said"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tokwatch suggestions` and of what can be said to one."""
    parser.description = (
        "Read the logs, look for savings and list them, the best first: dollars a month at the "
        "prices that you paid, with evidence, confidence, risk and steps."
    )
    option = parser.add_argument
    option("--all", action="store_true", help="list those that were answered too")
    option("--no-refresh", action="store_true", help="list what was found last; read nothing")
    option("--background", type=int, help=argparse.SUPPRESS)
    option("--days", metavar="N", type=int, help="how far back to look; as configured unless told")
    actions = parser.add_subparsers(
        dest="action", metavar="ACTION", parser_class=argparse.ArgumentParser
    )
    answers = [actions.add_parser(name, help=told, allow_abbrev=False)
               for name, (_, told) in ANSWERS.items()]  # fmt: skip
    for answer in answers:
        answer.add_argument("id", metavar="ID", type=int, help="its number in the list")
    add_json(parser, *answers)


def run(args: argparse.Namespace) -> int:
    """Do what was asked for."""
    from tokwatch.config import load

    config = load(args.config, args.data, args.profile)
    now = datetime.now(UTC)
    if args.action is not None:
        return _answer(args, config, now)
    from tokwatch.pages.suggestions import listed

    if args.background is not None:
        return _look_aside(config, args.background)
    config = _with_days(config, args.days)
    if not args.no_refresh:
        look_now(config, now)
    found, triggers = stored(config)
    shown = [one for one in listed(found) if args.all or one.is_listed]
    if args.json:
        print(as_json(document(shown, triggers)))
    else:
        from tokwatch.cli.suggestions_text import lines

        for line in lines(shown, triggers):
            print(line)
    return 0


def _look_aside(config: Config, at_ms: int) -> int:
    """Look at what is stored for a screen that waits for it, and give way to everything else."""
    import os
    from contextlib import suppress

    from tokwatch.suggestions.suggesting import looked

    with suppress(AttributeError, OSError):
        os.nice(10)
    return 0 if looked(config, at_ms) else 1


def _with_days(config: Config, days: int | None) -> Config:
    from msgspec import structs

    from tokwatch.errors import ConfigError

    if days is None:
        return config
    if not 1 <= days <= 365:
        raise ConfigError("--days is a whole number from 1 to 365.")
    return structs.replace(config, suggestions=structs.replace(config.suggestions, days=days))


def look_now(config: Config, now: datetime) -> None:
    """Bring the store up to date, look, and write what was found."""
    from tokwatch.analysis.calendar import epoch_ms
    from tokwatch.cli.conversations import read_conversations
    from tokwatch.cli.progress import progress
    from tokwatch.cli.refreshed import refreshed
    from tokwatch.model.units import DAY_MS
    from tokwatch.suggestions.suggesting import looked

    at_ms = epoch_ms(now)
    refreshed(config)
    read_conversations(config, at_ms - config.suggestions.days * DAY_MS)
    with progress("looking for savings"):
        is_looked = looked(config, at_ms)
    if not is_looked:
        print("tokwatch: nothing is stored yet", file=sys.stderr)


def stored(config: Config) -> tuple[list[Suggestion], list[TriggerCount]]:
    """Return what was found last, and what made tokwatch look."""
    from tokwatch.store.read.suggestions import suggestions, trigger_counts
    from tokwatch.store.store import open_existing
    from tokwatch.store.view import open_view

    database = open_existing(config.store.url, config.data)
    if database is None:
        return [], []
    try:
        if database.notice:
            print(f"tokwatch: {database.notice}", file=sys.stderr)
        view = open_view(database, config.general.workspace)
        return suggestions(view), trigger_counts(view)
    finally:
        database.close()


def _answer(args: argparse.Namespace, config: Config, now: datetime) -> int:
    from tokwatch.model.suggestion import SuggestionState
    from tokwatch.suggestions.suggesting import answered

    state = SuggestionState(ANSWERS[args.action][0])
    if not answered(config, args.id, state, now):
        raise TokwatchError(
            f"there is no suggestion {args.id}",
            "`tokwatch suggestions --all` lists those there are.",
        )
    if args.json:
        print(as_json({"id": args.id, "state": str(state)}))
        return 0
    watched = "; what it promised is watched" if args.action in ("accept", "done") else ""
    print(f"Suggestion {args.id} is {state}{watched}.")
    return 0


def document(found: list[Suggestion], triggers: list[TriggerCount]) -> dict[str, object]:
    """Return suggestions as machines take them."""
    from tokwatch.model.suggestion import saving_sum

    return {
        "suggestions": [_object(one) for one in found],
        "triggers": [camel_keys(asdict(one)) for one in triggers],
        "totals": {"savingUsdMonth": dollars(saving_sum(found))},
    }


def _object(one: Suggestion) -> dict[str, object]:
    realised = one.realised_nano_month
    return {
        "id": one.id,
        "key": one.key,
        "kind": one.kind,
        "subject": one.subject,
        "severity": str(one.severity),
        "title": one.title,
        "savingUsdMonth": dollars(one.saving_nano_month),
        "countedUsdMonth": dollars(one.counted_nano_month),
        "savingShare": one.saving_share,
        "confidence": str(one.confidence),
        "risk": str(one.risk),
        "class": str(one.klass),
        "steps": list(one.steps),
        "evidence": one.evidence,
        "events": list(one.events),
        "requests": one.requests,
        "agreed": list(one.agreed),
        "ratherThan": one.rather or None,
        "discount": one.discount,
        "foundMs": one.found_ms,
        "state": str(one.state),
        "verdict": None if one.verdict is None else str(one.verdict),
        "promisedUsdMonth": dollars(one.promised_nano_month),
        "promisedCountedUsdMonth": dollars(one.promised_counted_nano_month),
        "realisedUsdMonth": dollars(realised),
        "realisedCountedUsdMonth": dollars(one.realised_counted_nano_month),
        "requestsSince": one.after_requests,
    }

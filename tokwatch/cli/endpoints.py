"""`tokwatch endpoints`: how gateways are polled; a trial of one, a poll now, one forgotten."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Final

from tokwatch.cli.json_form import add_json, as_json
from tokwatch.errors import ConfigError
from tokwatch.words import counted

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.model.endpoint import EndpointHealth

_NONE: Final = "no endpoint is configured: [endpoint.NAME] in config.toml, see docs/gateways.md"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tokwatch endpoints`, `test`, `poll` and `forget`."""
    parser.description = (
        "Print how the configured endpoints do. While the screen is open it polls them; "
        "`poll` does so once, from cron for example."
    )
    actions = parser.add_subparsers(
        dest="action", metavar="test|poll|forget", parser_class=argparse.ArgumentParser
    )
    test = actions.add_parser(
        "test", help="ask everything of one endpoint once and keep nothing", allow_abbrev=False
    )
    test.add_argument("name", metavar="NAME", help="an endpoint of your settings")
    poll = actions.add_parser("poll", help="ask what is due and keep it", allow_abbrev=False)
    poll.add_argument(
        "names", metavar="NAME", nargs="*", help="only these, and at once; all that are on"
    )
    forget = actions.add_parser(
        "forget",
        help="delete what is stored of one that you took back; requests that it told stay",
        allow_abbrev=False,
    )
    forget.add_argument("name", metavar="NAME", help="out of your settings, or off there")
    forget.add_argument("--dry-run", action="store_true", help="only say what would go")
    add_json(parser, test, poll, forget)


def run(args: argparse.Namespace) -> int:
    """Print the state of all, try one (1 where a part fails), poll (likewise), or forget one."""
    from tokwatch.config import load

    config = load(args.config, args.data, args.profile)
    if args.action == "test":
        return _test(config, args.name, is_json=args.json)
    if args.action == "poll":
        return _poll(config, args.names, is_json=args.json)
    if args.action == "forget":
        from tokwatch.cli.endpoints_forget import forget

        return forget(config, args.name, dry_run=args.dry_run, is_json=args.json)
    found = _health(config)
    if args.json:
        from tokwatch.cli.endpoints_json import health_document

        print(as_json({"endpoints": [health_document(one) for one in found]}))
        return 0
    from tokwatch.cli.endpoints_text import health_lines
    from tokwatch.ingest.poll_threads import now_ms

    for one in found:
        print("\n".join(health_lines(one, now_ms())), end="\n\n")
    if not found:
        print(f"tokwatch: {_NONE}", file=sys.stderr)
    return 0


def _health(config: Config) -> tuple[EndpointHealth, ...]:
    from tokwatch.ingest.endpoint_health import endpoint_health
    from tokwatch.ingest.poll_threads import now_ms
    from tokwatch.store.store import open_existing
    from tokwatch.store.view import open_view

    database = open_existing(config.store.url, config.data) if config.endpoint else None
    if database is None:
        return endpoint_health(config, None, now_ms())
    try:
        return endpoint_health(config, open_view(database, config.general.workspace), now_ms())
    finally:
        database.close()


def _test(config: Config, name: str, *, is_json: bool) -> int:
    from tokwatch.cli.endpoints_json import polled_document
    from tokwatch.ingest.asking import known_endpoint, tried
    from tokwatch.ingest.polled_words import polled_lines

    found = []
    for polled in tried(config, known_endpoint(config, name)):
        found.append(polled)
        if not is_json:
            print("\n".join(polled_lines(polled)), flush=True)
    if is_json:
        print(as_json({"name": name, "parts": [polled_document(one) for one in found]}))
    return 1 if any(one.state.is_failing for one in found) else 0


def _poll(config: Config, names: list[str], *, is_json: bool) -> int:
    from tokwatch.cli.endpoints_json import polled_document
    from tokwatch.ingest.asking import known_endpoint, polled
    from tokwatch.ingest.ingest import open_ingest
    from tokwatch.ingest.poll_writer import PollWriter
    from tokwatch.ingest.polled_words import polled_lines
    from tokwatch.store.store import writing

    chosen = [known_endpoint(config, name) for name in names]
    for name in chosen:
        if config.endpoint[name].mapping:
            raise ConfigError(
                f"{name} is a stream, which is listened to while the screen is open.",
                f"`tokwatch endpoints test {name}` waits for its first record.",
            )
    wanted = chosen or [
        name for name, table in config.endpoint.items() if table.on and not table.mapping
    ]
    if not wanted:
        print(f"tokwatch: {_NONE}", file=sys.stderr)
        return 0
    found = []
    with writing(config.store.url, config.data, config.general.workspace, _waiting) as (
        database,
        _,
    ):
        writer = PollWriter(config, open_ingest(config, database), database)
        states = writer.states()
        for name in wanted:
            for one in polled(config, name, states, at_once=bool(chosen)):
                writer.write(one)
                found.append(one)
                if not is_json:
                    print("\n".join(polled_lines(one)), flush=True)
    if is_json:
        print(as_json({"polls": [polled_document(one) for one in found]}))
    elif not found:
        print(f"nothing is due of {counted(len(wanted), 'endpoint')}")
    return 1 if any(one.state.is_failing for one in found) else 0


def _waiting(process: int) -> None:
    print(f"tokwatch: waiting for process {process}, which reads logs …", file=sys.stderr)

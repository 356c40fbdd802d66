"""`tokwatch endpoints forget`: deletes what is stored of an endpoint that was taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import asdict

from tokwatch.cli.json_form import as_json, camel_keys
from tokwatch.errors import ConfigError
from tokwatch.words import counted, printable

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.store.connect import Database
    from tokwatch.store.endpoint_forget import Forgettable


def forget(config: Config, name: str, *, dry_run: bool, is_json: bool) -> int:
    """Delete what an endpoint told beside requests, or say what would go.

    A ConfigError where it is still polled, or where nothing of that name is known.
    """
    table = config.endpoint.get(name)
    if table is not None and table.on:
        raise ConfigError(
            f"{name} is on in your settings, so that its figures would come back.",
            f"Take [endpoint.{name}] out of config.toml, or set its on = false, then forget it.",
        )
    found = _dry(config, name) if dry_run else _forgotten(config, name)
    if is_json:
        told = camel_keys(asdict(found))
        print(as_json({"name": name, "dryRun": dry_run, "forgotten": told}))
    else:
        print(_words(name, found, dry_run=dry_run))
    return 0


def _forgotten(config: Config, name: str) -> Forgettable:
    from tokwatch.cli.writing import writing
    from tokwatch.store.endpoint_forget import forget_endpoint

    _dry(config, name)  # a name that nobody knows makes no screen give way
    with writing(config) as (database, workspace):
        return forget_endpoint(database, workspace, name)


def _dry(config: Config, name: str) -> Forgettable:
    from tokwatch.store.endpoint_forget import Forgettable, forgettable
    from tokwatch.store.store import open_existing, workspace_id

    database = open_existing(config.store.url, config.data)
    try:
        workspace = 0
        if database is not None:
            workspace = workspace_id(database, config.general.workspace) or 0
        _check(config, database, workspace, name)
        return forgettable(database, workspace, name) if database else Forgettable(0, 0, 0)
    finally:
        if database is not None:
            database.close()


def _check(config: Config, database: Database | None, workspace: int, name: str) -> None:
    """Raise a ConfigError for a name that neither the settings nor the store know."""
    from tokwatch.store.endpoint_forget import stored_endpoints

    stored = stored_endpoints(database, workspace) if database is not None else []
    if name in stored or name in config.endpoint:
        return
    gone = [printable(one) for one in stored if one not in config.endpoint]
    known = f"Out of the settings, but stored: {', '.join(gone)}." if gone else ""
    raise ConfigError(f"Nothing is stored of an endpoint {name!r}.", known)


def _words(name: str, found: Forgettable, *, dry_run: bool) -> str:
    if not (found.parts or found.buckets or found.gauges):
        return f"Nothing is stored of {name}."
    what = (
        f"{counted(found.buckets, 'bucket')} of reports, {counted(found.gauges, 'value')} of gauges"
        f" and the polling of {counted(found.parts, 'part')}"
    )
    done = "would go" if dry_run else "are gone"
    return f"{name}: {what} {done}.{_span(found)}\nSingle requests that it told stay, as any other."


def _span(found: Forgettable) -> str:
    from tokwatch.analysis.calendar import date_of
    from tokwatch.model.units import DAY_MS

    if found.first_ms is None or found.last_ms is None:
        return ""
    first, last = (date_of(at_ms // DAY_MS) for at_ms in (found.first_ms, found.last_ms))
    return (
        f" They were of {first} to {last}, UTC."
        if first != last
        else f" They were of {first}, UTC."
    )

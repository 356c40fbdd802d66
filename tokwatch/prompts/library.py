"""The library of templates and the records of runs: for the workbench and the commands.

Reads take a view of the store; writes take the settings, and go beside an ingest that may run.
A template holds text because its user saved it; a record of a run holds none.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from tokwatch.model.template import Draft, Run, Template, TemplateText, Used, Variant, Version

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.prompts.template_file import TemplateFile
    from tokwatch.store.connect import Database
    from tokwatch.store.view import View

Result = TypeVar("Result")
MOST_NAME: Final = 80
MOST_CHARS: Final = 4_000_000


@contextmanager
def reading(config: Config) -> Iterator[View | None]:
    """Give a view of the user's library; None where there is no store yet."""
    from tokwatch.store.store import open_existing
    from tokwatch.store.view import open_view

    database = open_existing(config.store.url, config.data)
    if database is None:
        yield None
        return
    try:
        yield open_view(database, config.general.workspace, config.general.user or None)
    finally:
        database.close()


def templates(view: View, tag: str = "") -> list[Template]:
    """Return the templates, or those of a tag, by name; without their texts."""
    from tokwatch.store.read.library import stored_templates

    return [one for one in stored_templates(view) if not tag or tag in one.tags]


def versions(view: View, name: str) -> list[Version]:
    """Return the versions of a template, the newest first; none where there is no such one."""
    from tokwatch.store.read.library import stored_versions

    return stored_versions(view, name)


def template_text(view: View, name: str, version: int | None = None) -> TemplateText | None:
    """Return the text of a version, of the newest unless told; None where there is none."""
    from tokwatch.store.read.library import stored_text

    return stored_text(view, name, version)


def runs(view: View, since_ms: int = 0, until_ms: int | None = None) -> list[Run]:
    """Return the records of runs in a range, the oldest first."""
    from tokwatch.model.units import OPEN_END_MS
    from tokwatch.model.usage import Slice
    from tokwatch.store.read.library import stored_runs

    return stored_runs(view, Slice(since_ms, OPEN_END_MS if until_ms is None else until_ms))


def save(
    config: Config, name: str, draft: Draft, now_ms: int, tags: Sequence[str] | None = None
) -> int:
    """Keep a version of a template and return its number; the same text again is no new version.

    Tags replace those that it had, where they are given.
    """
    from tokwatch.store.library import save_template

    clean, kept = _name(name), None if tags is None else tidy_tags(tags)
    _check(draft)
    return _written(
        config,
        lambda database, workspace: save_template(
            database, workspace, config.general.user, clean, draft, now_ms, kept
        ),
    )


def use(
    config: Config,
    name: str,
    now_ms: int,
    *,
    context_tokens: int = 0,
    variant: Variant | None = None,
    version: int | None = None,
) -> Used:
    """Return the wording that fits a context of so many tokens, or the one named; count the use."""
    from tokwatch.errors import TokwatchError
    from tokwatch.store.library import note_use
    from tokwatch.store.read.library import stored_text
    from tokwatch.store.view import View

    def taken(database: Database, workspace: int) -> Used:
        view = View(database, workspace, config.general.user or None)
        found = stored_text(view, name, version)
        if found is None:
            told = "" if version is None else f" with a version {version}"
            hint = "`tokwatch templates list` prints them."
            raise TokwatchError(f"There is no template {name!r}{told}.", hint)
        note_use(database, workspace, found.user, name, now_ms)
        return _used(found, context_tokens, variant)

    return _written(config, taken)


def _used(found: TemplateText, context_tokens: int, variant: Variant | None) -> Used:
    chosen = variant or found.fitting(context_tokens)
    if variant is Variant.TERSE and not found.terse:
        chosen, why = Variant.DETAILED, "it has no terse wording"
    elif variant is not None:
        why = "as asked"
    elif not found.terse:
        why = "its only wording"
    else:
        why = f"{context_tokens:,} tokens of context, terse from {found.version.terse_from:,} on"
    return Used(found.wording(chosen), chosen, found.version.number, why)


def retag(config: Config, name: str, tags: Sequence[str]) -> bool:
    """Give a template these tags in place of those it had; False where there is none."""
    from tokwatch.store.library import set_tags

    kept = tidy_tags(tags)
    return _written(
        config,
        lambda database, workspace: set_tags(database, workspace, config.general.user, name, kept),
    )


def remove(config: Config, name: str) -> bool:
    """Delete a template with all its versions; False where there is none."""
    from tokwatch.store.library import delete_template

    return _written(
        config,
        lambda database, workspace: delete_template(database, workspace, config.general.user, name),
    )


def exported(view: View, name: str) -> str | None:
    """Return a template with all its versions as a file's text; None where there is none."""
    from tokwatch.prompts.template_file import written_template

    newest = template_text(view, name)
    if newest is None:
        return None
    found = (template_text(view, name, one.number) for one in reversed(versions(view, name)))
    tags = next((one.tags for one in templates(view) if (one.name, one.user) == newest[:2]), ())
    return written_template(name, tags, [one for one in found if one is not None])


def take_in(config: Config, view: View | None, file: TemplateFile) -> int:
    """Keep the versions of a file that the library lacks; return how many those are."""
    known = set()
    if view is not None:
        texts = (template_text(view, file.name, one.number) for one in versions(view, file.name))
        known = {(t.detailed, t.terse, t.version.terse_from) for t in texts if t is not None}
    count = 0
    for draft, saved_ms in file.versions:
        what = (draft.detailed, draft.terse, draft.terse_from)
        if what not in known:
            save(config, file.name, draft, saved_ms, file.tags or None)
            known.add(what)
            count += 1
    return count


def record_run(config: Config, run: Run) -> bool:
    """Keep a record of a run, without any text; False where `[workbench] record` is off.

    It is the measure `optimisation` too: 1 where it worked, 0 where it came to nothing.
    """
    if not config.workbench.record:
        return False
    from msgspec.structs import replace

    from tokwatch.model.alert_facts import OPTIMISATION
    from tokwatch.model.measure import Measure, of_user
    from tokwatch.store.library import add_run

    user = config.general.user
    origin = f"{run.origin}-{os.getpid()}-{time.time_ns()}"
    measure = Measure(OPTIMISATION, run.at_ms, float(not run.failure), "", (), origin)
    _written(
        config,
        lambda database, workspace: add_run(
            database, workspace, replace(run, user=user), of_user(measure, user)
        ),
        waits=False,
    )
    return True


def tidy_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Return tags without doubles, in their order by name; raise for one that is none."""
    from tokwatch.errors import ConfigError
    from tokwatch.sources.text import safe_name

    found = {safe_name(tag).lower() for tag in tags}
    wrong = next((tag for tag in found if not tag or "," in tag or len(tag) > MOST_NAME), None)
    if wrong is not None:
        raise ConfigError(f"{wrong!r} is no tag.", "A tag is a word or a few, without a comma.")
    return tuple(sorted(found))


def _name(name: str) -> str:
    """Return a template's name; raise for what cannot be one, or not a file's."""
    from tokwatch.errors import ConfigError
    from tokwatch.sources.text import safe_name

    clean = safe_name(name)
    if not 0 < len(clean) <= MOST_NAME or clean.startswith(".") or set(clean) & set("/\\:"):
        hint = f"Up to {MOST_NAME} letters, none of them a slash or colon, no dot at the begin."
        raise ConfigError(f"{clean!r} cannot be the name of a template.", hint)
    return clean


def _check(draft: Draft) -> None:
    """Raise for what a store cannot keep."""
    from tokwatch.errors import TokwatchError

    if not draft.detailed.strip():
        raise TokwatchError("There is nothing to save: the text is empty.")
    for text in (draft.detailed, draft.terse):
        if len(text) > MOST_CHARS:
            raise TokwatchError(
                f"A template may have {MOST_CHARS:,} characters, not {len(text):,}."
            )
        if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
            raise TokwatchError("The text holds what is no character: it cannot be saved.")


def _written(
    config: Config, write: Callable[[Database, int], Result], *, waits: bool = True
) -> Result:
    """Write to the store, beside whoever else does; make it or bring it up to date before.

    That may have to wait for the process that ingests: who will not wait gets an error then.
    """
    from tokwatch.errors import TokwatchError
    from tokwatch.store.connect import open_database, store_file
    from tokwatch.store.store import has_newest_tables, workspace_id, writing

    url, data, name = config.store.url, config.data, config.general.workspace
    file = store_file(url, data)
    if file is None or file.exists():
        database = open_database(url, data)
        try:
            if has_newest_tables(database):
                return write(database, workspace_id(database, name) or 0)
        finally:
            database.close()
        if not waits:
            raise TokwatchError("the store is an older one", "Any report brings it up to date.")
    with writing(url, data, name) as (database, workspace):
        return write(database, workspace)

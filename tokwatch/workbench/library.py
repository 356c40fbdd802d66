"""The workbench's side of the library: templates opened and saved, runs noted without text."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from tokwatch.errors import TokwatchError
from tokwatch.model.template import Draft, Run, failure_of
from tokwatch.workbench.shown import Shown

if TYPE_CHECKING:
    from tokwatch.config import Config


def listed(config: Config) -> list[str]:
    """Return the names of the templates."""
    from tokwatch.prompts.library import templates
    from tokwatch.store.store import open_existing
    from tokwatch.store.view import open_view

    database = open_existing(config.store.url, config.data)
    if database is None:
        return []
    try:
        view = open_view(database, config.general.workspace, config.general.user or None)
        return [one.name for one in templates(view)]
    finally:
        database.close()


def used(config: Config, name: str, now: datetime) -> str:
    """Return a template's detailed wording, and count the use."""
    from tokwatch.model.template import Variant
    from tokwatch.prompts.library import use

    return use(config, name.strip(), _ms(now), variant=Variant.DETAILED).text


def kept(config: Config, name: str, tags: str, shown: Shown, now: datetime) -> str:
    """Keep prompt and result as a version of a template; return what to tell."""
    from tokwatch.prompts.library import save

    sums = shown.sums
    if sums is None:
        raise TokwatchError("There is no result yet.")
    is_shorter = sums.text != shown.bench.text
    draft = Draft(
        detailed=shown.bench.text,
        terse=sums.text if is_shorter else "",
        model=shown.bench.model,
        detailed_tokens=sums.before,
        terse_tokens=sums.after if is_shorter else 0,
        stages=tuple(one.name for one in sums.stages if one.saved),
    )
    labels = [tag.strip() for tag in tags.split(",") if tag.strip()]
    number = save(config, name, draft, _ms(now), labels or None)
    return f"Saved: {name.strip()}, version {number}"


def noted(config: Config, shown: Shown, now: datetime) -> bool:
    """Leave a record of the run, without a word of the text."""
    from tokwatch.prompts.library import record_run

    if (run := run_of(shown, _ms(now))) is None:
        return False
    return record_run(config, run)


def run_of(shown: Shown, at_ms: int) -> Run | None:
    """Return the record of what was done; None where nothing was."""
    sums = shown.sums
    if sums is None:
        return None
    accepted = sums.edits - sums.rejected
    return Run(
        at_ms,
        "workbench",
        shown.bench.model,
        tuple((one.name, one.saved) for one in sums.stages if one.saved),
        sums.before,
        sums.after,
        sums.budget,
        accepted,
        sums.rejected,
        sums.ms,
        failure_of(is_met=sums.is_met, accepted=accepted, rejected=sums.rejected),
    )


def _ms(now: datetime) -> int:
    return round(now.timestamp() * 1000)

"""The workbench's side of the library: templates opened and saved, runs noted without text."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from tokwatch.errors import TokwatchError
from tokwatch.model.template import (
    Draft,
    Failure,
    Run,
    Template,
    TemplateText,
    Used,
    Variant,
    failure_of,
)
from tokwatch.workbench.shown import Shown
from tokwatch.workbench.state import Origin

if TYPE_CHECKING:
    from tokwatch.config import Config


def listed(config: Config) -> list[Template]:
    """Return the templates, by name."""
    from tokwatch.prompts.library import reading, templates

    with reading(config) as view:
        return templates(view) if view is not None else []


def context_of(shown: Shown) -> int:
    """Return the tokens that stand on the workbench as context for a template.

    Of a template those that stood there when it was opened.
    """
    if shown.bench.origin.template:
        return shown.bench.origin.context
    if shown.sums is not None:
        return shown.sums.after
    return shown.counted.tokens if shown.counted is not None else 0


def fitting(template: Template, context: int) -> Variant:
    """Return the wording of a template's newest version that fits so much context."""
    is_terse = template.newest.has_terse and context >= template.newest.terse_from
    return Variant.TERSE if is_terse else Variant.DETAILED


def used(
    config: Config, one: Template, now: datetime, context: int, variant: Variant | None,
    version: int,
) -> tuple[Used, Origin]:  # fmt: skip
    """Return a template's wording, the one that fits unless told, and count the use."""
    from tokwatch.prompts.library import use

    found = use(config, one.name, _ms(now), context_tokens=context, variant=variant,
                version=version)  # fmt: skip
    origin = Origin(
        f"template {one.name} · {found.variant}, version {found.version}",
        template=one.name, variant=str(found.variant), version=found.version, context=context,
        tags=one.tags, terse_from=one.newest.terse_from,
    )  # fmt: skip
    return found, origin


class Saving(NamedTuple):
    """What a template is to be saved as."""

    name: str
    tags: tuple[str, ...] | None
    """None: as they are."""
    terse_from: int


def saving_of(name: str, tags: str, terse_from: str) -> Saving:
    """Return what was typed; raise for what is no number."""
    number = terse_from.strip().replace(",", "")
    if not number.isdecimal() or len(number) > 9:
        raise TokwatchError(f"terse from: {terse_from} is no whole number.")
    labels = tuple(tag.strip() for tag in tags.split(",") if tag.strip())
    return Saving(name.strip(), labels, int(number))


def kept(config: Config, asked: Saving, shown: Shown, now: datetime) -> str:
    """Keep prompt and result as a version of a template; return what to tell."""
    from tokwatch.prompts.library import save

    draft = draft_of(shown, _detailed(config, shown.bench.origin), asked.terse_from)
    number = save(config, asked.name, draft, _ms(now), asked.tags)
    return f"Saved: {asked.name}, version {number}"


def draft_of(shown: Shown, detailed: TemplateText | None, terse_from: int) -> Draft:
    """Return prompt and result as the two wordings of a template.

    `detailed`: the template that the prompt is the terse wording of; its own long one stays.
    """
    sums = shown.sums
    if sums is None:
        raise TokwatchError("There is no result yet.")
    stages = tuple(one.name for one in sums.stages if one.saved)
    is_shorter = detailed is not None or sums.text != shown.bench.text
    return Draft(
        detailed=shown.bench.text if detailed is None else detailed.detailed,
        terse=sums.text if is_shorter else "",
        model=shown.bench.model,
        detailed_tokens=sums.before if detailed is None else detailed.version.detailed_tokens,
        terse_tokens=sums.after if is_shorter else 0,
        terse_from=terse_from,
        stages=stages if detailed is None else (*detailed.version.stages, *stages),
    )


def _detailed(config: Config, origin: Origin) -> TemplateText | None:
    from tokwatch.prompts.library import reading, template_text

    if origin.variant != Variant.TERSE:
        return None
    with reading(config) as view:
        if view is None:
            return None
        return template_text(view, origin.template, origin.version)


def noted(
    config: Config, shown: Shown, now: datetime, failure: Failure | None = None,
    nano: int | None = None,
) -> bool:  # fmt: skip
    """Leave a record of the run, without a word of the text.

    `failure`, `nano`: why nothing came of what a model was asked for, and what that cost.
    """
    from tokwatch.prompts.library import record_run

    if (run := run_of(shown, _ms(now))) is None:
        return False
    if failure is not None:
        run = replace(run, failure=failure, summary_nano=nano)
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
        shown.bench.spent_nano,
    )


def _ms(now: datetime) -> int:
    return round(now.timestamp() * 1000)

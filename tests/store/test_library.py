"""Templates with their versions, and records of runs, in both kinds of store."""

from __future__ import annotations

from msgspec.structs import replace

from tokwatch.model.measure import Measure
from tokwatch.model.template import Draft, Failure, Run
from tokwatch.model.usage import Slice
from tokwatch.store.connect import Database
from tokwatch.store.library import add_run, delete_template, note_use, save_template, set_tags
from tokwatch.store.read.every import (
    measures,
    stored_runs,
    stored_templates,
    stored_text,
    stored_versions,
)
from tokwatch.store.store import workspace_id
from tokwatch.store.view import View, open_view

DRAFT = Draft("a detailed text, ünï", "terse", "gpt-5", 10, 4, 500, ("phrases", "articles"))
RUN = Run(
    *(5_000, "compress", "gpt-5", (("blanks", 2), ("phrases", 3)), 10, 5, 6),
    *(7, 1, 42, Failure.NONE, 1_000, "ana"),
)


def local(database: Database) -> tuple[int, View]:
    """Return the workspace, and the view of all its users."""
    return workspace_id(database, "local") or 0, open_view(database, "local")


def test_each_change_is_a_version_and_the_same_again_is_none(database: Database) -> None:
    workspace, view = local(database)
    other = replace(DRAFT, detailed="another")

    drafts = enumerate([DRAFT, DRAFT, other, other, DRAFT])
    numbers = [save_template(database, workspace, "", "t", draft, at) for at, draft in drafts]

    assert numbers == [1, 1, 2, 2, 3]
    assert [one.number for one in stored_versions(view, "t")] == [3, 2, 1]
    found = stored_text(view, "t", 1)
    assert found is not None
    assert (found.detailed, found.terse) == (DRAFT.detailed, DRAFT.terse)
    assert found.version.stages == DRAFT.stages
    newest = stored_text(view, "t")
    assert newest is not None
    assert newest.version.number == 3
    assert stored_text(view, "t", 4) is None


def test_a_list_tells_tokens_tags_and_uses(database: Database) -> None:
    workspace, view = local(database)
    save_template(database, workspace, "", "t", DRAFT, 1, ["review", "ü"])
    save_template(database, workspace, "", "t", replace(DRAFT, terse="other"), 2)
    note_use(database, workspace, "", "t", 7)
    note_use(database, workspace, "", "t", 9)

    (found,) = stored_templates(view)

    assert (found.name, found.tags, found.uses, found.used_ms) == ("t", ("review", "ü"), 2, 9)
    assert (found.newest.number, found.versions) == (2, 2)
    assert (found.newest.detailed_tokens, found.newest.terse_tokens) == (10, 4)
    assert found.newest.saving == 0.6


def test_tags_are_replaced_and_a_deleted_template_leaves_nothing(database: Database) -> None:
    workspace, view = local(database)
    save_template(database, workspace, "", "t", DRAFT, 1, ["old"])

    assert set_tags(database, workspace, "", "t", ["new"])
    assert stored_templates(view)[0].tags == ("new",)
    assert delete_template(database, workspace, "", "t")
    assert stored_templates(view) == []
    assert stored_text(view, "t") is None
    assert not delete_template(database, workspace, "", "t")
    assert not set_tags(database, workspace, "", "t", ["new"])


def test_two_users_may_name_theirs_alike(database: Database) -> None:
    workspace, view = local(database)
    save_template(database, workspace, "ana", "t", DRAFT, 1)
    save_template(database, workspace, "ben", "t", replace(DRAFT, detailed="ben's"), 2)

    assert [one.user for one in stored_templates(view)] == ["ana", "ben"]
    anas = stored_text(replace(view, user="ana"), "t")
    newest = stored_text(view, "t")
    assert anas is not None
    assert newest is not None
    assert (anas.detailed, newest.detailed) == (DRAFT.detailed, "ben's")


def test_a_run_comes_back_as_it_was_with_its_outcome_as_a_measure(database: Database) -> None:
    workspace, view = local(database)
    lost = replace(RUN, at_ms=6_000, failure=Failure.LOST, budget=None, summary_nano=None)
    for run in (RUN, lost):
        outcome = Measure("optimisation", run.at_ms, float(not run.failure), "", (), str(run.at_ms))
        add_run(database, workspace, run, outcome)

    assert stored_runs(view) == [RUN, lost]
    assert stored_runs(view, Slice(5_500, 7_000)) == [lost]
    assert [one.value for one in measures(view, "optimisation")] == [1.0, 0.0]

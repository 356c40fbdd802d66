"""The user's own keys: [keys] of config.toml, an action's id = keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Final

from textual.binding import Binding, BindingType
from textual.dom import DOMNode

NODES: Final = (
    "app.TokwatchApp",
    "screens.timed.TimedScreen",
    "screens.listed.ListScreen",
    "screens.overview.Overview",
    "widgets.sessions.Sessions",
    "widgets.tile.Tile",
    "widgets.welcome.Welcome",
    "widgets.filter_line.FilterLine",
    "screens.panel.Panel",
    "screens.session_layout.SessionLayout",
    "screens.session.SessionScreen",
    "widgets.session_carried.CarriedSums",
    "screens.paged.PageScreen",
    "widgets.table.Table",
    "screens.budget_form.BudgetForm",
    "screens.budgets.BudgetsScreen",
    "screens.cache.CacheScreen",
    "screens.faceted.FacetScreen",
    "screens.costs.CostsScreen",
    "widgets.costs_heat.CostHeat",
    "screens.feed.FeedScreen",
    "widgets.request_facts.RequestFacts",
    "widgets.spend.SpendOverTime",
    "screens.triage.TriageScreen",
    "widgets.triage_changes.TriageChanges",
    "screens.alerts.AlertsScreen",
    "screens.suggested.SuggestedScreen",
    "widgets.notices.Alerts",
    "widgets.notices.Suggestions",
    "screens.quality.QualityScreen",
    "widgets.quality_groups.QualityGroups",
    "widgets.quality_course.QualityCourse",
    "screens.sources.SourcesScreen",
    "screens.endpoint_adding.EndpointScreen",
    "screens.reconcile.ReconcileScreen",
    "widgets.endpoint_list.EndpointList",
    "screens.endpoint_form.EndpointForm",
    "screens.endpoint_trial.EndpointTrial",
    "widgets.gateways.Gateways",
    "screens.workbench_opening.BenchOpening",
    "screens.workbench_aiming.BenchAiming",
    "screens.workbench_tuning.BenchTuning",
    "screens.workbench_handing.BenchHanding",
    "screens.workbench.WorkbenchScreen",
    "widgets.workbench_stages.BenchStages",
    "widgets.workbench_diff.BenchDiff",
    "widgets.workbench_risk.BenchRisk",
    "widgets.workbench_edit.BenchEdit",
    "screens.workbench_form.BenchForm",
    "screens.workbench_form.Field",
    "screens.workbench_models.ModelsPanel",
    "screens.workbench_asking.AskingPanel",
    "screens.workbench_templates.TemplatesPanel",
    "widgets.workbench_templates.BenchTemplates",
)
"""Every screen and widget with keys of its own, in the order of docs/keys.md; loaded when asked."""


def bindings() -> list[Binding]:
    """Return every binding of tokwatch that can be given other keys, each id once."""
    nodes: list[type[DOMNode]] = []
    for path in NODES:
        module, _, name = path.rpartition(".")
        nodes.append(getattr(import_module(f"tokwatch.ui.{module}"), name))
    found: dict[str, Binding] = {}
    for node in nodes:
        for binding in of(node.__dict__["BINDINGS"]):
            if binding.id:
                found.setdefault(binding.id, binding)
    return list(found.values())


def of(entries: Iterable[BindingType]) -> list[Binding]:
    """Return entries as bindings, keys such as "j,down" still together."""
    return [entry for entry in entries if isinstance(entry, Binding)]


def unknown(keys: Mapping[str, str]) -> list[str]:
    """Return in words what of [keys] names no action."""
    if not keys:
        return []
    known = [binding.id for binding in bindings() if binding.id]
    problems = []
    for name in keys:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else "docs/keys.md lists them all."
            problems.append(f"[keys] {name} is no action: {hint}")
    return problems

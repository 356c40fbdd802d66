"""The user's own keys: [keys] of config.toml, an action's id = keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from textual.binding import Binding, BindingType
from textual.dom import DOMNode


def bindings() -> list[Binding]:
    """Return every binding of tokwatch that can be given other keys, each id once."""
    from tokwatch.ui.app import TokwatchApp
    from tokwatch.ui.screens.alerts import AlertsScreen
    from tokwatch.ui.screens.budget_form import BudgetForm
    from tokwatch.ui.screens.budgets import BudgetsScreen
    from tokwatch.ui.screens.cache import CacheScreen
    from tokwatch.ui.screens.costs import CostsScreen
    from tokwatch.ui.screens.endpoint_form import EndpointForm
    from tokwatch.ui.screens.endpoint_trial import EndpointTrial
    from tokwatch.ui.screens.faceted import FacetScreen
    from tokwatch.ui.screens.feed import FeedScreen
    from tokwatch.ui.screens.listed import ListScreen
    from tokwatch.ui.screens.overview import Overview
    from tokwatch.ui.screens.paged import PageScreen
    from tokwatch.ui.screens.panel import Panel
    from tokwatch.ui.screens.quality import QualityScreen
    from tokwatch.ui.screens.session import SessionScreen
    from tokwatch.ui.screens.session_layout import SessionLayout
    from tokwatch.ui.screens.sources import SourcesScreen
    from tokwatch.ui.screens.suggested import SuggestedScreen
    from tokwatch.ui.screens.timed import TimedScreen
    from tokwatch.ui.screens.triage import TriageScreen
    from tokwatch.ui.screens.workbench import WorkbenchScreen
    from tokwatch.ui.screens.workbench_aiming import BenchAiming
    from tokwatch.ui.screens.workbench_asking import AskingPanel
    from tokwatch.ui.screens.workbench_form import BenchForm, Field
    from tokwatch.ui.screens.workbench_handing import BenchHanding
    from tokwatch.ui.screens.workbench_models import ModelsPanel
    from tokwatch.ui.screens.workbench_opening import BenchOpening
    from tokwatch.ui.screens.workbench_templates import TemplatesPanel
    from tokwatch.ui.screens.workbench_tuning import BenchTuning
    from tokwatch.ui.widgets.costs_heat import CostHeat
    from tokwatch.ui.widgets.endpoint_list import EndpointList
    from tokwatch.ui.widgets.filter_line import FilterLine
    from tokwatch.ui.widgets.gateways import Gateways
    from tokwatch.ui.widgets.notices import Alerts, Suggestions
    from tokwatch.ui.widgets.quality_course import QualityCourse
    from tokwatch.ui.widgets.quality_groups import QualityGroups
    from tokwatch.ui.widgets.request_facts import RequestFacts
    from tokwatch.ui.widgets.session_carried import CarriedSums
    from tokwatch.ui.widgets.sessions import Sessions
    from tokwatch.ui.widgets.spend import SpendOverTime
    from tokwatch.ui.widgets.table import Table
    from tokwatch.ui.widgets.tile import Tile
    from tokwatch.ui.widgets.triage_changes import TriageChanges
    from tokwatch.ui.widgets.welcome import Welcome
    from tokwatch.ui.widgets.workbench_diff import BenchDiff
    from tokwatch.ui.widgets.workbench_edit import BenchEdit
    from tokwatch.ui.widgets.workbench_risk import BenchRisk
    from tokwatch.ui.widgets.workbench_stages import BenchStages
    from tokwatch.ui.widgets.workbench_templates import BenchTemplates

    nodes: tuple[type[DOMNode], ...] = (
        *(TokwatchApp, TimedScreen, ListScreen, Overview, Sessions, Tile, Welcome),
        *(FilterLine, Panel, SessionLayout, SessionScreen, CarriedSums, PageScreen, Table),
        *(
            BudgetForm,
            BudgetsScreen,
            CacheScreen,
            FacetScreen,
            CostsScreen,
            CostHeat,
            FeedScreen,
            RequestFacts,
        ),
        *(SpendOverTime, TriageScreen, TriageChanges),
        *(AlertsScreen, SuggestedScreen, Alerts, Suggestions),
        *(QualityScreen, QualityGroups, QualityCourse, SourcesScreen, EndpointList),
        *(EndpointForm, EndpointTrial, Gateways),
        *(
            BenchOpening,
            BenchAiming,
            BenchTuning,
            BenchHanding,
            WorkbenchScreen,
            BenchStages,
            BenchDiff,
            BenchRisk,
            BenchEdit,
            BenchForm,
            Field,
            ModelsPanel,
            AskingPanel,
            TemplatesPanel,
            BenchTemplates,
        ),
    )
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

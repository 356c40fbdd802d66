"""The pictures of the documentation: what each shows, and the keys that lead there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: `docs/pictures/NAME.svg`."""

    name: str
    about: str
    """What it shows, in words, for whoever cannot see it."""
    keys: tuple[str, ...]
    """Pressed one after another; after `...` the screen is waited for."""
    until: str
    """What has to stand there before it is taken."""
    theme: str = ""
    size: tuple[int, int] = (120, 36)
    with_gateways: bool = False
    """Whether endpoints are configured; these come last."""


_WEEK: Final = ("}", "}", "...")
"""From four hours to seven days."""

SHOTS: Final = (
    Shot("overview", "The overview: tiles, spending over time, sessions, alerts, suggestions",
         (), "/month"),
    Shot("sessions", "All sessions with their cost, context and cache", ("2", *_WEEK), "sort cost"),
    Shot("session", "A session: its context over time, what its prompt is made of, its requests",
         ("enter",), "measured"),
    Shot("agents", "The agents of a session as a tree, with what each cost and when it ran",
         ("j", "j", "j", "j", "enter", "...", "v"), "pauses shortened"),
    Shot("carried-cost", "What each block of a context has cost since it entered",
         ("enter", "...", "v", "v"), "carried by part"),
    Shot("truncation", "What truncating the session would have saved, and left out",
         ("enter", "...", "v", "v", "v"), "left out by"),
    Shot("costs", "Costs by project and model, against the range before; a heat map of the week",
         ("3", *_WEEK), "by weekday and hour"),
    Shot("what-if", "The same tokens under other models", ("3", *_WEEK, "W"), "no cache"),
    Shot("cache", "Why the prompt cache broke, what that lost, and what is still warm",
         ("4",), "prefix changed"),
    Shot("response-cache", "Response caches, simulated on the repeats seen",
         ("4", *_WEEK, "v", "...", "j", "j"), "hit rate by size"),
    Shot("triage", "Why half an hour cost so much: verdict, contributions, cost bridge, events",
         ("5",), "cache miss"),
    Shot("alerts", "Open alerts, what each rests on, suggestions and the rules", ("6",), "/month"),
    Shot("suggestions", "What would save money, the surest and largest first",
         ("6", "...", "tab", "tab", "+"), "/month", size=(120, 18)),
    Shot("budgets", "Budgets, goals and limits", ("7",), "goal"),
    Shot("workbench", "The workbench: stages with their saving, both texts side by side",
         ("8", "...", "o", *"~/review.md", "enter", "...", "n", "n"), "retention"),
    Shot("sources", "The health of sources, store, price list and workers", ("9",), "workers"),
    Shot("feed", "Requests as they land", ("0",), "written"),
    Shot("request", "One request: tokens by class, both costs, where it is logged",
         ("0", "...", "enter"), "computed"),
    Shot("quality", "Latency, speed, turns, costs per request, success rate",
         ("f", *_WEEK), "latency"),
    Shot("explained", "Where a number comes from, down to its requests", ("i",), "How sure"),
    Shot("help", "The help beside the overview", ("?",), "Next pane"),
    Shot("palette", "The command palette finds everything by name", (":", *"cost"), "Costs"),
    Shot("narrow", "The overview in 80 columns and 24 lines", (), "/month", size=(80, 24)),
    Shot("light", "The overview in the light theme", (), "/month", theme="tokwatch-light"),
    Shot("high-contrast", "The overview in the theme of high contrast", (), "/month",
         theme="high-contrast"),
    Shot("gateways", "The overview with gateways beside the sessions", (), "gateways",
         with_gateways=True),
    Shot("endpoints", "How each endpoint does: when it answered, what it told, what fails",
         ("9",), "endpoints", with_gateways=True),
    Shot("reconciliation", "Logs beside a provider's report by day and model, the gaps and why",
         ("9", "...", "v"), "gap", with_gateways=True),
)  # fmt: skip
"""All of them, in the order in which they are taken."""

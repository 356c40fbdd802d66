"""Textual's own work without coverage's tracer, which slows down the lines of every library.

What is left out here comes back to tokwatch where a pane draws itself; there the tracer goes on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest
from textual._compositor import Compositor
from textual.css.stylesheet import Stylesheet

from tokwatch.ui.widgets.painted import Painted

Work = Callable[..., Any]  # a method of any signature
OUTSIDE: tuple[tuple[type, str], ...] = (
    *((Stylesheet, name) for name in ("apply", "update", "update_nodes")),
    *((Compositor, name) for name in ("reflow", "render_update", "render_strips")),
)
"""What styles, lays out and puts together the screen."""
INSIDE = ("render_line", "notify_style_update")
"""Where a pane is asked for what it draws."""


class Tracing:
    """The tracer, while it is taken away."""

    def __init__(self) -> None:
        self._tracer: Any = None  # as sys.settrace takes it

    def leave_out(self, patch: pytest.MonkeyPatch) -> None:
        """Trace no work of Textual's own, but what it asks a pane for."""
        for owner, name in OUTSIDE:
            patch.setattr(owner, name, self._without(getattr(owner, name)))
        for name in INSIDE:
            patch.setattr(Painted, name, self._with(getattr(Painted, name)))

    def _without(self, work: Work) -> Work:
        @wraps(work)
        def untraced(*values: Any, **options: Any) -> Any:
            tracer = sys.gettrace()
            if tracer is None:
                return work(*values, **options)
            self._tracer = tracer
            sys.settrace(None)
            try:
                return work(*values, **options)
            finally:
                self._tracer = None
                sys.settrace(tracer)

        return untraced

    def _with(self, work: Work) -> Work:
        @wraps(work)
        def traced(*values: Any, **options: Any) -> Any:
            tracer, self._tracer = self._tracer, None
            if tracer is None:
                return work(*values, **options)
            sys.settrace(tracer)
            try:
                return work(*values, **options)
            finally:
                sys.settrace(None)
                self._tracer = tracer

        return traced

"""Rules made ready: each expression as two functions, when it fires and when it still counts."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct

from tokwatch.config.alerting import Rule
from tokwatch.config.expression import THRESHOLD, Parsed, parse
from tokwatch.model.alert import Severity
from tokwatch.model.alert_facts import Narrow
from tokwatch.model.units import MINUTE_MS

HYSTERESIS: Final = 0.8
"""Of a threshold, where no clear level is told: below it, an alert is over."""
_VALUES: Final = "values"

Values = Mapping[str, float]
Holds = Callable[[Values], bool]


class ReadyRule(Struct, frozen=True):
    """A rule that can judge readings."""

    name: str
    kind: str
    measure: str
    """What it tells of."""
    names: tuple[str, ...]
    severity: Severity
    threshold: float
    clear: float
    above: bool
    for_ms: int
    narrow: Narrow
    fires: Holds
    counts: Holds
    """Whether it fires, or is not yet below the clear level."""


def ready_rules(rules: Mapping[str, Rule]) -> tuple[ReadyRule, ...]:
    """Return the rules that are on, in their order."""
    return tuple(_ready(name, rule, parse(rule.when)) for name, rule in rules.items() if rule.on)


def _ready(name: str, rule: Rule, parsed: Parsed) -> ReadyRule:
    own = _own_number(parsed.tree)
    threshold = rule.threshold if rule.threshold is not None else own
    clear = rule.clear if rule.clear is not None else _relaxed(threshold, above=parsed.above)
    return ReadyRule(
        name=name,
        kind=parsed.kind,
        measure=parsed.names[0],
        names=parsed.names,
        severity=Severity(rule.severity),
        threshold=threshold,
        clear=clear,
        above=parsed.above,
        for_ms=round(rule.minutes * MINUTE_MS),
        narrow=Narrow(rule.projects, rule.models, rule.agents, rule.users),
        fires=_function(parsed, threshold, relaxes=False),
        counts=_function(parsed, clear, relaxes=True),
    )


def _relaxed(threshold: float, *, above: bool) -> float:
    return threshold * HYSTERESIS if above else threshold / HYSTERESIS


def _own_number(tree: ast.Expression) -> float:
    """Return the number that the first comparison names, where the rule has no threshold."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            for side in (node.comparators[0], node.left):
                if not _names(side):
                    return _number(side)
    return 0.0


def _names(node: ast.AST) -> list[str]:
    return [one.id for one in ast.walk(node) if isinstance(one, ast.Name)]


def _number(node: ast.expr) -> float:
    """Return the number that an expression without names comes to."""
    code = compile(ast.Expression(node), "<rule>", "eval")
    try:
        return float(eval(code, {"__builtins__": {}}))  # of numbers alone, as `parse` has seen to
    except (ZeroDivisionError, OverflowError):
        return 0.0


def _function(parsed: Parsed, threshold: float, *, relaxes: bool) -> Holds:
    """Return an expression as a function of values; unknown ones and no numbers never hold."""
    tree = ast.parse(ast.unparse(_Bound(threshold, relaxes=relaxes).visit(_copy(parsed.tree))),
                     mode="eval")  # fmt: skip
    code = ast.Expression(
        ast.Lambda(
            ast.arguments([], [ast.arg(_VALUES)], None, [], [], None, []),
            tree.body,
        )
    )
    made = compile(ast.fix_missing_locations(code), "<rule>", "eval")
    holds: Holds = eval(made, {"__builtins__": {}})  # of a tree that `parse` has allowed
    names = parsed.names
    has_not = any(isinstance(node, ast.Not) for node in ast.walk(parsed.tree))
    has_division = any(isinstance(node, ast.Div) for node in ast.walk(parsed.tree))
    if not has_not and not has_division:
        return holds

    def careful(values: Values) -> bool:
        if any(values[name] != values[name] for name in names):  # not a number: unknown
            return False
        try:
            return holds(values)
        except ZeroDivisionError:
            return False

    return careful


def _copy(tree: ast.Expression) -> ast.Expression:
    """Return a tree of its own: what binds it, changes it."""
    from copy import deepcopy

    return deepcopy(tree)


class _Bound(ast.NodeTransformer):
    """Puts numbers in place of the threshold, and look-ups in place of measures."""

    def __init__(self, threshold: float, *, relaxes: bool) -> None:
        self._threshold = threshold
        self._relaxes = relaxes
        self._is_turned = False

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        """Look the other way below a `not`."""
        is_not = isinstance(node.op, ast.Not)
        self._is_turned ^= is_not
        self.generic_visit(node)
        self._is_turned ^= is_not
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """Move a plain number towards the measure, where the clear level is asked for."""
        if self._relaxes and THRESHOLD not in _names(node):
            grows = isinstance(node.ops[0], ast.Gt | ast.GtE) is not self._is_turned
            if not _names(node.comparators[0]):
                node.comparators = [_scaled(node.comparators[0], down=grows)]
            elif not _names(node.left):
                node.left = _scaled(node.left, down=not grows)
        self.generic_visit(node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Put the number of the threshold, or the value of a measure."""
        if node.id == THRESHOLD:
            return ast.Constant(self._threshold)
        return ast.Subscript(ast.Name(_VALUES, ast.Load()), ast.Constant(node.id), ast.Load())


def _scaled(node: ast.expr, *, down: bool) -> ast.expr:
    number = _number(node)
    is_down = down if number >= 0 else not down
    return ast.Constant(number * HYSTERESIS if is_down else number / HYSTERESIS)

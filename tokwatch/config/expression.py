"""The expressions of rules: comparisons of named measures, and nothing else.

Parsed by Python's own parser; what is not on the white list is refused before anything is run.
"""

from __future__ import annotations

import ast
from difflib import get_close_matches
from typing import Final

from msgspec import Struct

from tokwatch.config.measures import CUSTOM, MEASURES, USE

THRESHOLD: Final = "threshold"
"""The name by which an expression asks for the rule's own threshold."""
MOST_LETTERS: Final = 500
SIGNS: Final = {"Eq": "==", "NotEq": "!=", "Pow": "**", "Mod": "%", "FloorDiv": "//"}
"""How operators that are not allowed are written."""
_ALLOWED: Final = (
    *(ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.Compare),
    *(ast.Gt, ast.GtE, ast.Lt, ast.LtE, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div),
    *(ast.Name, ast.Load, ast.Constant, ast.Attribute, ast.Subscript),
)


class Parsed(Struct, frozen=True):
    """A checked expression."""

    tree: ast.Expression
    """Every measure is a plain name; `measure.NAME` has become one."""
    names: tuple[str, ...]
    """The measures, the one that an alert tells first."""
    kind: str
    above: bool
    """Whether it looks for more than the threshold; else for less."""


def parse(text: str) -> Parsed:
    """Return an expression; a ValueError says what is wrong with it, and what may be meant."""
    if not text.strip() or len(text) > MOST_LETTERS:
        raise ValueError(f"an expression has 1 to {MOST_LETTERS} characters")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"{text!r} is no expression; write session_cost_usd > 20") from None
    tree = ast.fix_missing_locations(_Plain().visit(tree))
    for node in ast.walk(tree):
        _check(node)
    _check_truth(tree.body)
    main = _main(tree)
    names = tuple(dict.fromkeys((*_named(main), *_named(tree))))
    if not names:
        raise ValueError("an expression compares at least one measure")
    return Parsed(tree, names, _kind(names), _looks_above(main))


def kind_of(name: str) -> str:
    """Return what a measure is of."""
    return USE if name.startswith(f"{CUSTOM}.") else MEASURES[name].kind


class _Plain(ast.NodeTransformer):
    """Makes one name of `measure.NAME` and of `measure["NAME"]`."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """Join a dotted name."""
        inside = self.visit(node.value)
        if isinstance(inside, ast.Name) and _is_custom(inside.id):
            return ast.Name(f"{inside.id}.{node.attr}", ast.Load())
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """Take a quoted name."""
        inside, name = node.value, node.slice
        if isinstance(inside, ast.Name) and inside.id == CUSTOM and _is_text(name):
            return ast.Name(f"{CUSTOM}.{name.value}", ast.Load())  # type: ignore[attr-defined]  # a text
        return node


def _is_custom(name: str) -> bool:
    return name == CUSTOM or name.startswith(f"{CUSTOM}.")


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(node.value)


def _check(node: ast.AST) -> None:
    if not isinstance(node, _ALLOWED) or isinstance(node, ast.Attribute | ast.Subscript):
        told = ast.unparse(node) or SIGNS.get(type(node).__name__, type(node).__name__.lower())
        raise ValueError(
            f"{told!r} is not allowed: only and, or, not, < <= > >=, + - * /, numbers and "
            "measures are"
        )
    if isinstance(node, ast.Constant) and type(node.value) not in (int, float):
        raise ValueError(f"{node.value!r} is no number")
    if isinstance(node, ast.Name):
        _check_name(node.id)


def _check_name(name: str) -> None:
    if name == THRESHOLD or name in MEASURES or name.startswith(f"{CUSTOM}."):
        return
    near = get_close_matches(name, MEASURES, 1)
    hint = f"did you mean {near[0]}?" if near else "docs/alerts.md lists them all"
    raise ValueError(f"{name!r} is no measure; {hint}")


def _check_truth(node: ast.expr) -> None:
    """Refuse what is a number where a yes or no is asked for."""
    if isinstance(node, ast.BoolOp):
        for value in node.values:
            _check_truth(value)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        _check_truth(node.operand)
    elif not isinstance(node, ast.Compare) or len(node.ops) > 1:
        raise ValueError(f"{ast.unparse(node)!r} is no single comparison, such as error_rate > 0.1")
    else:
        for part in (node.left, *node.comparators):
            for inner in ast.walk(part):
                if isinstance(inner, ast.Compare | ast.BoolOp | ast.Not):
                    raise ValueError(f"{ast.unparse(part)!r} compares within a comparison")


def _main(tree: ast.Expression) -> ast.Compare:
    """Return the comparison that the rule is about: the one with its threshold, else the first."""
    compared = [node for node in ast.walk(tree) if isinstance(node, ast.Compare)]
    with_threshold = (node for node in compared if THRESHOLD in _all_names(node))
    return next(with_threshold, compared[0])


def _all_names(node: ast.AST) -> list[str]:
    return [inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)]


def _named(node: ast.AST) -> list[str]:
    return [name for name in _all_names(node) if name != THRESHOLD]


def _looks_above(main: ast.Compare) -> bool:
    """Tell whether the measure, on whichever side it stands, is to be the larger one."""
    is_above = isinstance(main.ops[0], ast.Gt | ast.GtE)
    return is_above if _named(main.left) else not is_above


def _kind(names: tuple[str, ...]) -> str:
    kinds = {kind_of(name): name for name in reversed(names)}
    if len(kinds) > 1:
        (one, first), (other, second) = list(kinds.items())[:2]
        raise ValueError(f"{first} is of a {one}, {second} of a {other}: a rule looks at one kind")
    return next(iter(kinds))

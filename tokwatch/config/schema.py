"""What is allowed where: the section structs read as a schema, and said in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Annotated, Any, Final, Literal, get_args, get_origin

from msgspec import Meta, Struct, ValidationError, convert, inspect, structs

from tokwatch.config.sections import Settings

Kind = Any  # a type form such as Annotated[int, Meta(ge=1)], for which typing has no name
MOST_NAMES: Final = 8


def _origin(kind: Kind) -> object:
    return get_origin(kind)


@cache
def fields_of(kind: type[Struct]) -> dict[str, Kind]:
    """Return the keys of a section and the kind of value that each takes."""
    return {field.name: field.type for field in structs.fields(kind)}


def is_section(kind: Kind) -> bool:
    """Say whether values of this kind are tables with known keys."""
    return isinstance(kind, type) and issubclass(kind, Struct)


def entry_kind(kind: Kind) -> Kind | None:
    """Return the kind of the entries, for a table with free keys."""
    return get_args(kind)[1] if _origin(kind) is dict else None


def name_kind(kind: Kind) -> Kind:
    """Return the kind of the names of the entries, for a table with free keys."""
    return get_args(kind)[0]


def fits(value: object, kind: Kind) -> bool:
    """Tell whether a value is of a kind, by its type and by the kind's own rule."""
    try:
        convert(value, kind)
    except ValidationError:
        return False
    return all(rule(value) for rule in _rules(kind))


def _rules(kind: Kind) -> Iterator[Callable[[object], bool]]:
    """Yield what the notes of a kind, or of its only other than None, ask of a value."""
    for part in (kind, *(part for part in get_args(kind) if _origin(part) is Annotated)):
        if _origin(part) is Annotated:
            for note in get_args(part)[1:]:
                if isinstance(note, Meta) and note.extra and "fits" in note.extra:
                    yield note.extra["fits"]


def kind_at(path: tuple[str, ...]) -> Kind | None:
    """Return the kind of value that stands at a path, None where no setting is."""
    kind: Kind = Settings
    for part in path:
        kind = fields_of(kind).get(part) if is_section(kind) else entry_kind(kind)
        if kind is None:
            return None
    return kind


def is_text(kind: Kind) -> bool:
    """Say whether values of this kind are texts, which an environment variable holds unquoted."""
    plain = get_args(kind)[0] if _origin(kind) is Annotated else kind
    return _origin(plain) is Literal or (isinstance(plain, type) and issubclass(plain, str))


def allowed(kind: Kind) -> str:
    """Say what values of this kind may be."""
    if _origin(kind) is Literal:
        return _one_of(get_args(kind))
    return _say(inspect.type_info(kind))[0]


def _one_of(names: Iterable[str]) -> str:
    *first, last = (f'"{name}"' for name in names)
    return f"{', '.join(first)} or {last}"


def _some(names: Iterable[str]) -> str:
    """Return a list of names that fits a line."""
    known = list(names)
    few = known if len(known) <= MOST_NAMES else known[: MOST_NAMES - 3]
    return ", ".join(few) + (f" and {len(known) - len(few)} more" if few != known else "")


def _say(kind: inspect.Type) -> tuple[str, str]:
    """Return the words for one value of a kind, and for many."""
    match kind:
        case inspect.Metadata(extra_json_schema={"description": words}):
            return words, f"values, each {words}"
        case inspect.LiteralType(values=values):
            names = _one_of(map(str, values))
            return names, names
        case inspect.BoolType():
            return "true or false", "true or false"
        case inspect.IntType(ge=least, le=most):
            return f"a whole number from {least} to {most}", f"whole numbers from {least} to {most}"
        case inspect.FloatType(ge=least, le=most):
            return f"a number from {least:.9g} to {most:.9g}", "numbers"
        case inspect.StrType(min_length=length):
            return "text, not empty" if length else "text", "texts"
        case inspect.EnumType(cls=members):
            return _one_of(member.value for member in members), "names"
        case inspect.UnionType(types=types):
            return _say(next(each for each in types if not isinstance(each, inspect.NoneType)))
        case inspect.VarTupleType(item_type=item):
            return f"a list of {_say(item)[1]}", f"lists of {_say(item)[1]}"
        case inspect.DictType(value_type=value):
            return f"a table of {_say(value)[1]}", f"tables of {_say(value)[1]}"
        case inspect.StructType(fields=fields):
            names = _some(field.name for field in fields)
            return f"a table with {names}", f"tables with {names}"
        case _:
            raise TypeError(f"no words for {kind}")

"""Both engines of the staging table's rows, what they ask for ids, and what to give them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from hypothesis import strategies as st

from tests.compiled import not_compiled
from tokwatch.model.event import Grade, ModelName, Scope, Sighting
from tokwatch.store import rows as plain
from tokwatch.store.cells import plain_cells_of
from tokwatch.store.dimensions import Dimensions
from tokwatch.store.pricing import RateCards, Rates
from tokwatch.store.rows import COMPILED, Packed, Parted, Priced, Told, quick_rows

NOON_MS: Final = 1_780_000_000_000
OPEN: Final = 2**63 - 1
COMPILED_ENGINE, PLAIN_ENGINE = "compiled", "plain"
ENGINES: Final = (COMPILED_ENGINE, PLAIN_ENGINE)


class Engine(NamedTuple):
    """What makes rows, parts them and sums them up."""

    rows_of: Callable[[Told, int, Dimensions, RateCards], list[Priced]]
    told_again: Callable[[Sequence[Priced], set[int]], set[int]]
    parted: Callable[[Sequence[Priced], set[int]], Parted]
    cells_of: Callable[[Sequence[Priced]], list[tuple[int, ...]] | None]
    packed: Callable[[Sequence[Priced], int], Packed]


def engine_of(name: str) -> Engine:
    """Return an engine; skip the test that runs where it is not there."""
    if name == PLAIN_ENGINE:
        return Engine(
            *(plain.plain_rows_of, plain.plain_told_again, plain.plain_parted, plain_cells_of),
            plain.plain_packed,
        )
    if not COMPILED:
        not_compiled("the compiled rows are not there")
    return Engine(
        *(quick_rows.rows_of, quick_rows.told_again, quick_rows.parted, quick_rows.cells_of),
        quick_rows.packed,
    )


class Ids(Dimensions):
    """Numbers names as they come, and notes who was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self._ids: dict[tuple[str, ...], int] = {}

    def scope_id(self, scope: Scope) -> int:
        """Return the number of a scope."""
        self.asked.append(scope)
        return self._ids.setdefault(scope, 1_000 + len(self._ids))

    def model_id(self, model: ModelName) -> int:
        """Return the number of a model: 1 of the first."""
        self.asked.append(model)
        return self._ids.setdefault(model, 1 + sum(len(name) == 3 for name in self._ids))


class Cards(RateCards):
    """Has the cards of models by number: the first model's first."""

    def __init__(self, *cards: Iterable[Rates]) -> None:
        self.asked: dict[int, None] = {}
        self._cards = [tuple(each) for each in cards]

    def of(self, model: int) -> tuple[Rates, ...]:
        """Return the cards of a model, and note that it was asked for."""
        self.asked[model] = None
        return self._cards[model - 1] if model <= len(self._cards) else ()


def exact(found: object) -> str:
    """Return what tells an int from a bool, and one order from another."""
    return repr(sorted(found) if isinstance(found, set) else found)


ORDINARY = st.integers(0, 300_000)
LARGE: Final = (2**20, 2**30 - 1, 2**30, 2**33, 2**40 - 1, 2**40, 2**62 - 1, 2**62, OPEN)
ENORMOUS: Final = (2**63, 2**64 - 1, 2**70, -(2**62), -(2**63), -(2**63) - 1, -(2**70))
ODD = st.sampled_from((-1, -2, -900_001, *LARGE, *ENORMOUS))
INSTANTS = st.integers(NOON_MS - 2_000_000, NOON_MS + 2_000_000)
GRADES = st.integers(-2, 2) | st.sampled_from(Grade)
KEYS = st.integers(0, 9) | st.integers(2**63 - 4, 2**63 - 1)
LOGS = st.integers(1, 3) | st.integers(1_000, 1_002)
SCOPES = st.builds(Scope, st.sampled_from(["a", "b"]), st.sampled_from(["s", "t", "u"]))
MODELS = st.builds(ModelName, st.just("p"), st.sampled_from(["m", "n", "o"]))


def numbers(odd: bool) -> tuple[st.SearchStrategy[int], st.SearchStrategy[int | None]]:
    """Return numbers, and those that may be unknown; ordinary ones, or also odd ones."""
    told = ORDINARY | ODD if odd else ORDINARY
    return told, st.none() | told


def sightings(odd: bool) -> st.SearchStrategy[Sighting]:
    """Return sightings of some scopes and models, whose objects are seldom shared."""
    told, known = numbers(odd)
    return st.builds(
        Sighting,
        *(KEYS, INSTANTS | told if odd else INSTANTS, INSTANTS, SCOPES, MODELS),
        st.integers(0, 9) | told if odd else st.integers(0, 9),
        *([known] * 6),
        st.integers(0, 3) | told if odd else st.integers(0, 3),
        *(known, known, GRADES, st.integers(0, 1), st.integers(0, 1), ORDINARY),
    )


def rows(odd: bool) -> st.SearchStrategy[Priced]:
    """Return rows of the staging table, of which some share a key, a log or a cell."""
    told, known = numbers(odd)
    ids = st.integers(1, 2) | ODD if odd else st.integers(1, 2)
    return st.tuples(
        *(KEYS, LOGS, INSTANTS | ODD if odd else INSTANTS, INSTANTS | told, ids, ids, told),
        *(known, known, known, known, known, known, told, known, known, GRADES),
        *(st.integers(0, 1) | told if odd else st.integers(0, 1), st.integers(0, 1)),
        *(ORDINARY, st.just(1), known),
    )


PRICES = st.integers(0, 10_000_000)
ODD_PRICES = PRICES | st.sampled_from([-1, 2**30 - 1, 2**30, 2**40, OPEN, -(2**63)])
SINCE, UNTIL = st.sampled_from([0, NOON_MS]), st.sampled_from([NOON_MS, 2**62, OPEN])
ABOVE, UPTO = st.sampled_from([-1, 200_000]), st.sampled_from([200_000, 2**62, OPEN])
NEVER: Final = Rates(0, 0, -1, OPEN, 9, 9, 9, 9, 9, 9)


def rates(odd: bool) -> st.SearchStrategy[list[Rates]]:
    """Return the cards of a model: none, some, or more than are kept in a table of C."""
    prices = ODD_PRICES if odd else PRICES
    each = st.builds(Rates, SINCE, UNTIL, ABOVE, UPTO, *([prices] * 6))
    late = st.builds(lambda number, last: [NEVER] * number + [last], st.integers(14, 18), each)
    return st.lists(each, max_size=4) | late

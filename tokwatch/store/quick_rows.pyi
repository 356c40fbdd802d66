from collections.abc import Sequence

from tokwatch.store.dimensions import Dimensions
from tokwatch.store.pricing import RateCards
from tokwatch.store.rows import Packed, Parted, Priced, Told

FORM: int

def rows_of(told: Told, salt: int, dimensions: Dimensions, cards: RateCards) -> list[Priced]:
    """See `quick_rows.pyx`."""

def told_again(rows: Sequence[Priced], seen: set[int]) -> set[int]: ...
def parted(rows: Sequence[Priced], contested: set[int]) -> Parted: ...
def packed(rows: Sequence[Priced], at_once: int) -> Packed: ...
def cells_of(rows: Sequence[Priced]) -> list[tuple[int, ...]] | None: ...

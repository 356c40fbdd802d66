from collections.abc import Callable, Sequence

from tokwatch.sources.lines import Found
from tokwatch.sources.sieve import Field, Heads, Latest

FORM: int

class QuickSieve:
    """See `quick_sieve.pyx`."""

    def __init__(
        self,
        fields: Sequence[Field],
        heads: Heads,
        latest: Latest,
        instant_ms: Callable[[object], int | None],
    ) -> None: ...
    def sift(self, block: bytearray, size: int, offset: int) -> tuple[Found, int, int]: ...

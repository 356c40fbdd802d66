"""What the user may call a budget, an endpoint, a mapping or a rule."""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated, Final

from msgspec import Meta

# As text: a start need not wait for it to be compiled.
_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_TOLD: Final = "a name of letters, digits, - _ and ."
MOST: Final = 40
MOST_OF_RULE: Final = 60


def is_name(value: object, most: int = MOST) -> bool:
    """Tell whether a table may be called so."""
    return isinstance(value, str) and len(value) <= most and bool(re.fullmatch(_NAME, value))


TableName = Annotated[str, Meta(description=_TOLD, extra={"fits": is_name})]
RuleName = Annotated[
    str, Meta(description=_TOLD, extra={"fits": partial(is_name, most=MOST_OF_RULE)})
]

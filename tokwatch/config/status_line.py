"""`[statusline]` of config.toml: what the one line shows; each field and what it means."""

import re
from typing import Annotated, Final

from msgspec import Meta, Struct

from tokwatch.status.fields import FIELDS, unknown_field

_PLACE: Final = r"\{[a-z0-9_]+\}"
DEFAULT: Final = "{model} | {context} | {session} | {today} today | {budget} | {quota}"


def _is_format(value: object) -> bool:
    return isinstance(value, str) and re.search(_PLACE, value) is not None


Format = Annotated[
    str, Meta(description="text with fields such as {today}", extra={"fits": _is_format})
]


class StatusLine(Struct, frozen=True, forbid_unknown_fields=True):
    """What the line shows."""

    format: Format = DEFAULT

    def __post_init__(self) -> None:
        unknown = unknown_field(self.format)
        if unknown:
            from difflib import get_close_matches

            near = get_close_matches(unknown, FIELDS, 1)
            hint = f"did you mean {{{near[0]}}}?" if near else f"known: {', '.join(FIELDS)}"
            raise ValueError(f"format: {{{unknown}}} is no field; {hint}")

"""The `[workbench]` table: what compressions leave behind, and the model that writes summaries."""

import re
from typing import Annotated, Final

from msgspec import Meta, Struct

from tokwatch.config.alerting import is_safe

_VARIABLE: Final = r"[A-Za-z_][A-Za-z0-9_]{0,99}"
ENDPOINTS: Final = ("/messages", "/chat/completions")
"""What an address ends in, as Anthropic and OpenAI have it: that tells what is sent there."""


class Workbench(Struct, frozen=True, forbid_unknown_fields=True):
    """The defaults are those of config.toml."""

    record: bool = True
    rules: tuple[str, ...] = ()
    lingua: str = ""
    gateway: str = ""
    gateway_model: str = ""
    gateway_key: str = ""
    gateway_seconds: Annotated[float, Meta(ge=1, le=600)] = 60

    def __post_init__(self) -> None:
        if self.gateway and not is_safe(self.gateway):
            raise ValueError("gateway must begin with https://, or http:// for this machine alone")
        if self.gateway and not self.gateway.split("?")[0].rstrip("/").endswith(ENDPOINTS):
            raise ValueError(f"gateway must end in {' or '.join(ENDPOINTS)}")
        if self.gateway and not self.gateway_model.strip():
            raise ValueError("gateway needs gateway_model, the model that it asks")
        if self.gateway_key and not re.fullmatch(_VARIABLE, self.gateway_key):
            raise ValueError("gateway_key is the name of the variable that holds the key")

"""When two logs mean the same request: a provider's own response id says so."""

from __future__ import annotations

import re
from typing import Final

from tokwatch.model.event import event_key, response_key

_RESPONSE: Final = re.compile(r"(?!chatcmpl-\d{1,6}$)(?:chatcmpl-|cmpl-|msg_|resp_|gen-).")
"""How a provider's own response ids begin; Ollama numbers its answers at random below 1000."""


def names_response(name: str) -> bool:
    """Tell a provider's own response id, which names a request in every log that has it."""
    return _RESPONSE.match(name) is not None


def request_key(response: str, *own: str) -> int:
    """Return the key that everyone gives to a provider's response, else that of `own` names."""
    return response_key(response) if names_response(response) else event_key(*own)

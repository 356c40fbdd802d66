"""Models that could take the place of others: those that their makers sell for conversations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from tokwatch.model.event import ModelName
from tokwatch.prices.catalog import begins
from tokwatch.prices.lookup import FIRST_PARTY
from tokwatch.prices.resolve import window
from tokwatch.prices.settings import PriceSettings
from tokwatch.prices.update import catalog

LEAST_WINDOW: Final = 128_000
"""A smaller window holds no agent's conversation."""
_SPECIAL: Final = re.compile(
    r"(?:^|[-.])(?:image|audio|tts|live|realtime|transcribe|embedding|robotics|search|vision|"
    r"computer|deep-research|cyber|rosalind|nano-banana|omni|oss|chatgpt)(?=$|[-.\d])"
)
"""Words in the names of models for other work."""


def replacements(sellers: Iterable[str], settings: PriceSettings) -> list[ModelName]:
    """Return the models of the first parties and of other makers by the names of their lists."""
    wanted = {*FIRST_PARTY, *sellers}
    return [
        ModelName(seller.id, model.id)
        for seller in catalog(settings.folder).providers
        if seller.id in wanted
        for model in seller.models
        if begins(seller.owns, model.id)
        and not _SPECIAL.search(model.id)
        and (window(seller.id, model.id, settings) or 0) >= LEAST_WINDOW
    ]

"""Prompts, and a desk that counts words: no test waits for ranks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import cast

from tokwatch.compress.billed import Wrapping
from tokwatch.tokens.estimate import Basis, Counted
from tokwatch.workbench.meter import Meter, Scale
from tokwatch.workbench.rows import Seg
from tokwatch.workbench.work import Desk

WORDY = (
    "Please could you kindly make sure to answer the question in order to help the customer.\n"
    "You must never promise a refund above 150 USD without approval of Ms Stone.\n"
    "\n\n\n\nPlease write   very   politely at all times.   \n"
)
CHAT = json.dumps(
    {
        "system": "You help.",
        "messages": [
            {"role": "user", "content": "Please could you kindly look at the log?"},
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": "t1", "name": "Bash", "input": {"c": "ls"}}],
            },
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "t1",
                        "content": "".join(f"INFO worker took {n} ms\n" for n in range(40)),
                    }
                ],
            },
        ],
    }
)


class WordMeter:
    """Counts characters in fours, twice as many for the model `double`.

    For the model `wrapped` each message of a chat takes two more.
    """

    def __init__(self, model: str) -> None:
        self.model = model
        self.wrapping = Wrapping(message=2 if model == "wrapped" else 0)

    def raw(self, text: str) -> int:
        """Return a token for each four characters."""
        return -(-len(text) // 4)

    def scale(self, text: str, raw: int) -> Scale:
        """Return what makes them tokens of the model."""
        if self.model != "double":
            return Scale(1.0, Counted(raw, Basis.EXACT, 0.0))
        return Scale(2.0, Counted(2 * raw, Basis.RATIO))


def desk() -> Desk:
    """Return a desk that counts at once."""
    return Desk(lambda model: cast(Meter, WordMeter(model)))


def words_of(segs: Sequence[Seg] | None) -> str:
    """Return the text of one side of a row."""
    return "".join(text for text, _ in segs or ())

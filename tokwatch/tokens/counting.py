"""The counter of a model, exact or calibrated, loaded when it is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tokwatch.errors import TokwatchError
from tokwatch.tokens.counter import Count, PieceCounter, Tally
from tokwatch.tokens.encodings import Encoding, load
from tokwatch.tokens.estimate import Basis, Calibrations, Counted, for_model
from tokwatch.tokens.families import family_of, generation

if TYPE_CHECKING:
    from tokwatch.config import Config

_RUN: Final = 16_384
_BLANKS: Final = re.compile(rf"\s{{{_RUN},}}")
"""Runs of blanks over which tiktoken's pattern runs out of stack, or of time."""


def ranks_folder(data: Path) -> Path:
    """Return the folder that keeps the ranks as tiktoken reads them."""
    return data / "tokenizer"


def count_in(encoding: Encoding, data: Path) -> Count:
    """Return what counts a piece of text in an encoding; loads it, which takes a moment."""
    encode = load(encoding, ranks_folder(data)).encode_ordinary

    def count(text: str) -> int:
        if len(text) < _RUN or not _BLANKS.search(text):
            return len(encode(text))
        return sum(len(encode(piece)) for piece in _pieces(text))

    return count


def _pieces(text: str) -> Iterator[str]:
    """Yield a text in pieces, none of which has a run of blanks that tiktoken cannot take in."""
    at = 0
    for found in _BLANKS.finditer(text):
        yield text[at : found.start()]
        at = found.start()
        while at < found.end():
            yield text[at : min(at + _RUN, found.end())]
            at = min(at + _RUN, found.end())
    yield text[at:]


@lru_cache(maxsize=8)
def count_by_file(file: Path) -> Count:
    """Return what counts a piece of text by a tokenizer.json of the user's."""
    try:
        from tokenizers import Tokenizer
    except ImportError:
        told = "A tokenizer.json needs a further package."
        raise TokwatchError(told, "Install it: pip install 'tokwatch[tokenizers]'") from None
    if not file.is_file():
        raise TokwatchError(f"There is no tokenizer at {file}.", "See [tokens] tokenizer.")
    try:
        tokenizer: Any = Tokenizer.from_file(str(file))  # its methods have no types
    except Exception as error:  # tokenizers raises nothing narrower
        raise TokwatchError(f"{file} is no tokenizer.json: {error}") from None

    def count(text: str) -> int:
        clean = text.encode("utf-8", "replace").decode()
        return len(tokenizer.encode(clean, add_special_tokens=False).ids)

    return count


def own_file(model: str, tokenizers: Mapping[str, str]) -> Path | None:
    """Return the tokenizer.json that the settings name for a model; the first pattern that fits."""
    names = (model, generation(model))
    for pattern, file in tokenizers.items():
        if any(fnmatchcase(name, pattern) for name in names):
            return Path(file).expanduser()
    return None


class ModelCounter:
    """Counts the tokens that a text has for one model; for one thread, after it is loaded."""

    def __init__(self, model: str, config: Config, calibrations: Calibrations) -> None:
        """Load what the model's tokens are counted with."""
        self.model = model
        self._calibrations = calibrations
        file = own_file(model, config.tokens.tokenizer)
        self.is_own = file is not None
        if file is not None:
            # A tokenizer of somebody's own may split by any rule: it is asked for whole texts.
            count = count_by_file(file)
            self._tally: Callable[[str], Tally] = lambda text: Tally(count(text))
        else:
            encoding = family_of(model).encoding
            self._tally = PieceCounter(count_in(encoding, config.data)).tally

    def counted(self, text: str, calls: int = 0) -> Counted:
        """Return the tokens of a text, which holds so many calls of tools."""
        tally = self._tally(text)
        if self.is_own:
            return Counted(tally.tokens, Basis.EXACT, 0.0)
        return for_model(self.model, tally.tokens, text, self._calibrations, calls)

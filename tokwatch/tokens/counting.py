"""The counter of a model: loaded in a thread, with estimates by length until it is there."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tokwatch.errors import TokwatchError
from tokwatch.tokens.counter import Count, PieceCounter, Tally
from tokwatch.tokens.encodings import Encoding, load
from tokwatch.tokens.estimate import Basis, Calibrations, Counted, by_characters, for_model
from tokwatch.tokens.families import family_of, generation

if TYPE_CHECKING:
    from tokwatch.config import Config

CHARS_PER_TOKEN: Final = 4.0
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


class LoadingCounter:
    """A counter that loads in a thread of its own: until it is there, counts go by length."""

    def __init__(
        self,
        make: Callable[[], ModelCounter],
        loaded: Callable[[], None] = lambda: None,
        chars_per_token: float = CHARS_PER_TOKEN,
    ) -> None:
        """Begin to load; `loaded` is called, in that thread, once counts are no longer by length.

        A failure is kept in `error` and leaves the counts by length.
        """
        self._make = make
        self._tell = loaded
        self._chars_per_token = chars_per_token
        self._counter: ModelCounter | None = None
        self.error = ""
        self._thread = threading.Thread(target=self._load, name="tokenizer", daemon=True)
        self._thread.start()

    @property
    def is_loaded(self) -> bool:
        """Tell whether counts are no longer by length."""
        return self._counter is not None

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it is loaded, or has failed; tell whether it is loaded."""
        self._thread.join(seconds)
        return self.is_loaded

    def counted(self, text: str, calls: int = 0) -> Counted:
        """Return the tokens of a text as well as they can be told now."""
        counter = self._counter
        if counter is None:
            return by_characters(text, self._chars_per_token)
        return counter.counted(text, calls)

    def _load(self) -> None:
        try:
            self._counter = self._make()
        except TokwatchError as error:
            self.error = error.message
        except Exception as error:  # a worker's top: shown
            self.error = f"{type(error).__name__}: {error}"
        self._tell()

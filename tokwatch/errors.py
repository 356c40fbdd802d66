"""The errors that are told to the user: a message, and a hint what to do."""

from __future__ import annotations


class TokwatchError(Exception):
    """Something could not be done, said in words for the user."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(TokwatchError):
    """The command line or the configuration asks for something that does not exist."""


def in_words(error: Exception) -> str:
    """Return what failed as the screen tells it."""
    if isinstance(error, TokwatchError):
        return error.message
    return f"{type(error).__name__}: {error}"

"""Rewriting and summaries by a model of the user's choice: what is asked, and what came back.

The call itself is handed in: nothing here knows a network.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

from tokwatch.compress.difference import changes
from tokwatch.compress.nouns import Change, Kind, Prompt
from tokwatch.compress.protect import Guard, Protection, marked

Ask = Callable[[str], Awaitable[str]]
"""Send a text to a model and return the whole answer."""

SUMMARY_WORDS: Final = 200
_KEPT: Final = frozenset(
    {Guard.MARK, Guard.PLACEHOLDER, Guard.FENCE, Guard.CODE, Guard.URL, Guard.PATH, Guard.QUOTE}
    | {Guard.NUMBER, Guard.CAPS, Guard.IDENTIFIER}
)
_REWRITE: Final = (
    "Rewrite the prompt between the lines so that it uses about {percent} % of its tokens and asks "
    "for exactly the same. Keep every rule, condition and negation. Copy these strings letter for "
    "letter: {kept}\nAnswer with the rewritten prompt and nothing else.\n-----\n{text}\n-----"
)
_SUMMARY: Final = (
    "Summarize the conversation between the lines in about {words} words for whoever continues it. "
    "Say: the decisions, the state of the task, the open questions, the names of people and "
    "things, and the files. Invent nothing. Answer with the summary and nothing else.\n"
    "-----\n{text}\n-----"
)
_TOLD: Final = "[Summary of {count} earlier messages]\n"


class Rewritten(NamedTuple):
    """What came back of a part."""

    text: str
    missing: tuple[str, ...]
    """What had to stay and did not: the rewriting should be refused then."""
    changes: tuple[Change, ...]
    """Word by word, for accepting them one by one."""

    @property
    def is_faithful(self) -> bool:
        """Say whether all is there that had to stay."""
        return not self.missing


class Summary(NamedTuple):
    """What stands for messages that were left out."""

    text: str
    replaced: tuple[int, ...]
    originals: tuple[str, ...]
    """The messages that it stands for, which can be opened again."""
    missing_files: tuple[str, ...]
    """Files that the messages named more than once and the summary does not."""


def must_keep(text: str, keep: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the strings that have to be found in whatever replaces a text."""
    spans = Protection(text, marked(text, keep)).spans(_KEPT)
    return tuple(dict.fromkeys(text[start:end].strip() for start, end in spans))


def rewrite_request(text: str, percent: int, keep: Sequence[str] = ()) -> str:
    """Return what is sent, so that its cost can be told before."""
    kept = " ".join(f"⟦{one}⟧" for one in must_keep(text, keep)) or "none"
    return _REWRITE.format(percent=percent, kept=kept, text=text)


async def rewritten(
    part: int, text: str, percent: int, ask: Ask, keep: Sequence[str] = ()
) -> Rewritten:
    """Return a part as a model rewrites it, checked."""
    answer = (await ask(rewrite_request(text, percent, keep))).strip()
    missing = tuple(one for one in must_keep(text, keep) if one not in answer)
    return Rewritten(answer, missing, tuple(changes(part, text, answer, "rewritten by a model")))


def summary_request(prompt: Prompt, messages: Sequence[int], words: int = SUMMARY_WORDS) -> str:
    """Return what is sent for a summary of some messages in about so many words."""
    text = "\n\n".join(_told(prompt, number) for number in messages)
    return _SUMMARY.format(words=words, text=text)


async def summarized(
    prompt: Prompt, messages: Sequence[int], ask: Ask, words: int = SUMMARY_WORDS
) -> Summary:
    """Return a model's summary of messages, with what it replaces."""
    answer = (await ask(summary_request(prompt, messages, words))).strip()
    originals = tuple(_told(prompt, number) for number in messages)
    files = _files("\n".join(originals))
    return Summary(
        _TOLD.format(count=len(messages)) + answer,
        tuple(messages),
        originals,
        tuple(one for one in files if one not in answer),
    )


def _told(prompt: Prompt, number: int) -> str:
    message = prompt.messages[number]
    texts = [prompt.parts[part] for part in message.parts]
    body = "\n".join(f"[{p.text}]" if p.kind is Kind.CALL else p.text for p in texts)
    return f"{message.role}: {body}"


def _files(text: str) -> list[str]:
    """Return the files that a text names more than once."""
    spans = Protection(text).spans(frozenset({Guard.PATH}))
    names = [text[start:end] for start, end in spans]
    return [name for name in dict.fromkeys(names) if names.count(name) > 1 and "." in name]

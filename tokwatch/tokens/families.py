"""Which encoding a model is counted with, and how far that is from the model's own tokenizer.

OpenAI's encodings are those that tiktoken names (`tiktoken/model.py`). Of other makers none is
public offline: what is known of them are ratios, measured in several languages and sorts of text
(docs/tokens.md says where each stands).
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

from msgspec import Struct

from tokwatch.tokens.encodings import Encoding


class Content(StrEnum):
    """A sort of text, for tokenizers that differ by it."""

    PROSE = "prose"
    CODE = "code"
    RECORDS = "records"
    """JSON and the like."""
    SCRIPT = "script"
    """Text in another script than the Latin one."""


class Family(Struct, frozen=True):
    """Models that share a tokenizer."""

    name: str
    encoding: Encoding
    is_own: bool = False
    """Whether the encoding is the models' own: then a count is exact."""
    factor: float = 1.0
    """By how much a count is multiplied where nothing was measured."""
    by_content: tuple[tuple[Content, float], ...] = ()
    """Further factors by the sort of text."""
    is_known: bool = True
    """False where nothing is known of the models' tokenizer."""
    message: int = 0
    """Tokens, as counted, that wrap each message of a chat; of the whole chat as many again."""
    call: int = 0
    """Tokens, as counted, that wrap a call of a tool and its result."""

    def factor_of(self, content: Content) -> float:
        """Return the factor for a sort of text."""
        return self.factor * dict(self.by_content).get(content, 1.0)


O200K: Final = Family("openai o200k", Encoding.O200K, is_own=True, message=3)
CL100K: Final = Family("openai cl100k", Encoding.CL100K, is_own=True, message=3)
CLAUDE: Final = Family("claude to 4.6", Encoding.CL100K, factor=1.15, call=60)
CLAUDE_NEW: Final = Family(
    *("claude from 4.7", Encoding.CL100K),
    factor=1.15,
    by_content=(
        (Content.PROSE, 1.45),
        (Content.CODE, 1.17),
        (Content.RECORDS, 1.31),
        (Content.SCRIPT, 1.0),
    ),
    call=60,
)
DEEPSEEK: Final = Family("deepseek", Encoding.O200K, factor=1.03)
GEMINI: Final = Family("gemini", Encoding.O200K, is_known=False)
UNKNOWN: Final = Family("unknown", Encoding.O200K, is_known=False)

_PATTERNS: Final = (
    (r"gpt-(?:4(?:$|-(?!o|5|1))|3[.-]?5)|text-embedding-(?:3|ada)", CL100K),
    (r"(?:chatgpt-|codex-)?gpt-(?:4o|4[.-][15]|[5-9])|gpt-oss|o[1-9](?:$|-)|codex|chatgpt", O200K),
    (r"deepseek", DEEPSEEK),
    (r"gemini|gemma", GEMINI),
)
_CLAUDE: Final = re.compile(r"claude-(?:[a-z]+-)?(\d+)(?:-(\d{1,2}))?(?=-|$)")
_DOT: Final = re.compile(r"(?<=\d)\.(?=\d)")
NEW_CLAUDE: Final = (4, 7)
"""From this generation on Claude has another tokenizer."""


@lru_cache(maxsize=1024)
def generation(model: str) -> str:
    """Return a model's name without host, date and window: `claude-sonnet-4-5`."""
    from tokwatch.prices.names import normalise

    names = normalise(model)
    return _DOT.sub("-", names[-1]) if names else ""


@lru_cache(maxsize=1024)
def family_of(model: str) -> Family:
    """Return the family of a model as logged."""
    name = generation(model)
    bare = name.rpartition("/")[2].removeprefix("ft:")
    if "claude" in bare:
        return CLAUDE_NEW if _is_new_claude(bare) else CLAUDE
    for pattern, family in _PATTERNS:
        if re.match(pattern, bare):
            return family
    return UNKNOWN


def _is_new_claude(name: str) -> bool:
    """Tell the generations from 4.7 on; a name without a number is one to come."""
    found = _CLAUDE.search(name)
    if found is None:
        return not name.startswith(("claude-instant", "claude-v"))
    return (int(found[1]), int(found[2] or 0)) >= NEW_CLAUDE


SAMPLE_CHARS: Final = 4000
"""Of the begin, the middle and the end of a text, which tell its sort."""
_FOREIGN: Final = re.compile(
    "[\u0370-\u052f\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff\u1100-\u11ff\u3040-\u30ff"
    "\u3400-\u9fff\uac00-\ud7af]"
)
_LETTER: Final = re.compile(r"[^\W\d_]")
_RECORD_MARK: Final = re.compile(r"""["'][\w.-]{1,40}["']\s*:|^\s*[{}\[\]],?\s*$""", re.MULTILINE)
_CODE_MARK: Final = re.compile(
    r"[{};]\s*$|^\s*(?:def|class|import|from|return|if|for|const|let|func|fn|public|#include|@)\b"
    r"|\w\(|=>|->|::|[=!]=",
    re.MULTILINE,
)


def content_of(text: str) -> Content:
    """Return what sort of text this is, from samples of it."""
    middle = len(text) // 2
    sample = text[:SAMPLE_CHARS]
    if len(text) > SAMPLE_CHARS:
        sample += text[middle : middle + SAMPLE_CHARS] + text[-SAMPLE_CHARS:]
    foreign = len(_FOREIGN.findall(sample))
    if foreign * 3 > len(_LETTER.findall(sample)):
        return Content.SCRIPT
    lines = max(1, sample.count("\n") + 1, len(sample) // 80)
    if len(_RECORD_MARK.findall(sample)) * 2 > lines:
        return Content.RECORDS
    return Content.CODE if len(_CODE_MARK.findall(sample)) * 2 > lines else Content.PROSE

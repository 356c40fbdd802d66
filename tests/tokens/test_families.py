"""Which encoding a model is counted with, however its name is written."""

from __future__ import annotations

import pytest

from tokwatch.tokens.encodings import Encoding
from tokwatch.tokens.families import (
    CL100K,
    CLAUDE,
    CLAUDE_NEW,
    DEEPSEEK,
    GEMINI,
    O200K,
    UNKNOWN,
    Content,
    Family,
    content_of,
    family_of,
    generation,
)


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("gpt-4", CL100K),
        ("gpt-4-0314", CL100K),
        ("gpt-4-turbo", CL100K),
        ("gpt-3.5-turbo-16k", CL100K),
        ("text-embedding-3-small", CL100K),
        ("gpt-4o", O200K),
        ("gpt-4o-mini-2024-07-18", O200K),
        ("gpt-4.1-nano", O200K),
        ("gpt-5.2-codex", O200K),
        ("openai/gpt-5-mini", O200K),
        ("gpt-oss-120b", O200K),
        ("o3-mini", O200K),
        ("claude-sonnet-4-20250514", CLAUDE),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", CLAUDE),
        ("claude-3-5-haiku-latest", CLAUDE),
        ("claude-opus-4-6[1m]", CLAUDE),
        ("claude-opus-4-7", CLAUDE_NEW),
        ("anthropic/claude-opus-4.8", CLAUDE_NEW),
        ("claude-fable-5", CLAUDE_NEW),
        ("claude-2.1", CLAUDE),
        ("claude-instant-1.2", CLAUDE),
        ("deepseek-chat", DEEPSEEK),
        ("gemini-2.5-pro", GEMINI),
        ("nobody-knows", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_families_by_name(model: str, family: Family) -> None:
    assert family_of(model) is family


def test_openais_encodings_are_those_of_tiktoken() -> None:
    from tiktoken.model import MODEL_TO_ENCODING

    for model, name in MODEL_TO_ENCODING.items():
        if name in list(Encoding):
            family = family_of(model)
            assert not family.is_own or family.encoding == name, model


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"),
        ("claude-opus-4.8", "claude-opus-4-8"),
        ("gpt-5-2025-08-07", "gpt-5"),
        ("gpt-4.1", "gpt-4-1"),
    ],
)
def test_a_generation_has_one_name(model: str, name: str) -> None:
    assert generation(model) == name


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("Please read this and say what it means.\nThen write it down.", Content.PROSE),
        ("def f(x):\n    return g(x)\n\nclass A:\n    pass\n", Content.CODE),
        ('{"a": 1,\n "b": [1, 2],\n "c": null}', Content.RECORDS),
        ("Прочти это и скажи, что это значит.", Content.SCRIPT),
        ("读一读然后告诉我它的意思。", Content.SCRIPT),
        ("", Content.PROSE),
    ],
)
def test_what_sort_a_text_is(text: str, content: Content) -> None:
    assert content_of(text) is content

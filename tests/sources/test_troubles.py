"""Failures are told by their status, else by their words."""

from __future__ import annotations

import pytest

from tokwatch.sources.troubles import status_in, trouble_of


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (429, "", "rate limit"),
        (529, "", "overloaded"),
        (503, "connection refused", "server"),
        (413, "", "context length"),
        (408, "", "connection"),
        (400, "prompt is too long: 210000 tokens > 200000 maximum", "context length"),
        (400, "input length and `max_tokens` exceed context limit", "context length"),
        (400, "invalid tool", "other"),
        (401, "authentication_error", "other"),
        (0, "Claude AI usage limit reached|1785580000", "rate limit"),
        (0, "You've hit your limit \u00b7 resets 1am", "rate limit"),
        (0, "Overloaded", "overloaded"),
        (0, "Connection error. ECONNRESET", "connection"),
        (0, "stream disconnected before completion", "connection"),
        (0, "its safeguards flagged this message", "refused"),
        (0, "server_error", "server"),
        (0, "", "other"),
        (0, "x" * 1000 + "overloaded", "other"),
    ],
)
def test_a_failure_is_of_one_sort(status: int, message: str, kind: str) -> None:
    assert trouble_of(status, message) == kind


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ('API Error: 500 {"type":"error"}', 500),
        ("last status: 429 Too Many Requests", 429),
        ("prompt is too long: 42900 tokens", 0),
        ("1.429 seconds", 0),
        ("", 0),
    ],
)
def test_a_message_may_name_a_status(message: str, status: int) -> None:
    assert status_in(message) == status

"""What tests do where the quick modules were not compiled."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def not_compiled(reason: str) -> NoReturn:
    """Skip the test that runs, and tell why; fail it with REQUIRE_COMPILED."""
    if os.environ.get("REQUIRE_COMPILED"):
        pytest.fail(reason)
    pytest.skip(reason)

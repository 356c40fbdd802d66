"""What every test of endpoints gets: one on the loopback interface."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.endpoint_server import EndpointServer, endpoint_server


@pytest.fixture
def server() -> Iterator[EndpointServer]:
    """Return an endpoint that knows no path yet."""
    with endpoint_server() as server:
        yield server

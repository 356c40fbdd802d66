"""Endpoints from the screen: tried, added once they were asked, changed, and taken back."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from textual.widgets import Input, Static

from tests.endpoint_server import Answer, EndpointServer, endpoint_server
from tests.ui.conftest import MakeApp, settle, text_of
from tests.ui.source_pages import PAGE, SHOWN
from tests.ui.test_sources_screen import open_sources
from tokwatch.ui.screens.endpoint_form import EndpointForm
from tokwatch.ui.screens.endpoint_trial import EndpointTrial

SIZE = (80, 24)


@pytest.fixture
def server() -> Iterator[EndpointServer]:
    """Return a llama.cpp server."""
    with endpoint_server() as server:
        server.clock_ms = lambda: time.time_ns() // 1_000_000
        server.tell("/metrics", b"llamacpp:requests_processing 2\n")
        server.tell("/v1/models", {"data": [{"id": "qwen"}]})
        server.tell("/slots", [])
        yield server


@pytest.mark.anyio
async def test_an_endpoint_is_asked_once_before_it_is_saved_and_can_be_taken_back(
    make_app: MakeApp, server: EndpointServer
) -> None:
    before = "# mine\n[ui]\nmouse = true\n"
    app = make_app(SHOWN, config=before)
    async with app.run_test(size=SIZE) as pilot:
        await open_sources(pilot, PAGE)
        await pilot.press("N")
        await settle(pilot)
        form = app.screen
        assert isinstance(form, EndpointForm)
        problem = form.query_one("#endpoint-problem", Static)
        for name, text in (("name", "box"), ("kind", "llama"), ("url", server.url)):
            form.query_one(f"#endpoint-{name}", Input).value = text
        await pilot.press("ctrl+s")
        assert "kind: one of" in str(problem.render())
        form.query_one("#endpoint-kind", Input).value = "llamacpp"
        form.query_one("#endpoint-key", Input).value = "env:NOT_THERE_AT_ALL"
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "the variable NOT_THERE_AT_ALL holds no key" in text_of(app)
        assert "It does not answer so." in text_of(app)
        form.query_one("#endpoint-key", Input).value = ""
        await pilot.press("ctrl+s")  # the fields are others: it is asked anew
        await settle(pilot)
        assert "requests_running 2 (qwen)" in text_of(app)
        assert "ctrl+s saves it." in text_of(app)
        assert app.config.file.read_text("utf-8") == before
        asked = len(server.asked)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert len(server.asked) == asked
        written = app.config.file.read_text("utf-8")
        assert app.config.endpoint["box"].address == server.url
        await pilot.press("U")
        await settle(pilot)

    assert written.startswith(before)
    assert app.config.file.read_text("utf-8") == before
    assert not app.config.endpoint


@pytest.mark.anyio
async def test_a_configured_endpoint_is_tried_and_changed(
    make_app: MakeApp, server: EndpointServer
) -> None:
    server.answers["/slots"] = Answer(status=403)
    settings = f'[endpoint.box]\nkind = "llamacpp"\nurl = "{server.url}"\ndays = 3 # short\n'
    app = make_app(SHOWN, config=settings)
    async with app.run_test(size=SIZE) as pilot:
        await open_sources(pilot, PAGE)
        await pilot.press("T")
        await settle(pilot)
        assert isinstance(app.screen, EndpointTrial)
        told = text_of(app)
        asked = len(server.asked)
        await pilot.press("T")
        await settle(pilot)
        assert len(server.asked) == 2 * asked
        await pilot.press("escape", "E")
        await settle(pilot)
        form = app.screen
        assert isinstance(form, EndpointForm)
        form.query_one("#endpoint-name", Input).value = "gpu"
        form.query_one("#endpoint-every", Input).value = "1 min"
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "ctrl+s saves it all the same." in text_of(app)
        await pilot.press("ctrl+s")
        await settle(pilot)

    assert "! box slots: answered with status 403" in told
    assert "It answers, but 1 part of 2 failed." in told
    assert list(app.config.endpoint) == ["gpu"]
    table = app.config.endpoint["gpu"]
    assert (table.interval_seconds, table.days) == (60, 3)
    assert "days = 3 # short" in app.config.file.read_text("utf-8")

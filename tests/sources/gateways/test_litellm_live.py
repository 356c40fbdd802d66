"""A real LiteLLM, set up as docs/sources.md says, between the real SDKs and a made-up provider.

Only where TRY_LITELLM names the program, such as `venv/bin/litellm`: CONTRIBUTING.md says how.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import pytest

from tests.sources.gateways.billing_model import Billed, Provider, provider
from tests.sources.gateways.litellm_setup import set_up, told
from tests.sources.road import CANARY, reading
from tokwatch.cli import main
from tokwatch.model.event import Sighting, response_key

PROGRAM = os.environ.get("TRY_LITELLM", "")
KEY = "sk-9d1f0c7ab3e24586"
PATIENCE_S = 90
TALK = Path(__file__).with_name("litellm_talk.py")
MODELS = """\
model_list:
  - model_name: gpt-up
    litellm_params: {{model: openai/gpt-4o, api_base: "{url}/v1", api_key: x}}
  - model_name: claude-up
    litellm_params: {{model: anthropic/claude-sonnet-4-5, api_base: "{url}", api_key: x}}
router_settings: {{disable_cooldowns: true, num_retries: 0}}
"""
"""Without cool-downs, for a model that failed would not be asked again for a while."""

pytestmark = [
    pytest.mark.skipif(not PROGRAM, reason="TRY_LITELLM names no LiteLLM"),
    pytest.mark.timeout(300),
]


@pytest.fixture
def books() -> Iterator[Provider]:
    """Run the provider behind the proxy."""
    with provider() as found:
        yield found


@pytest.fixture
def proxy(books: Provider, tmp_path: Path, home: Path) -> Iterator[str]:
    """Return the address of a proxy whose callback writes into this home."""
    config = set_up(tmp_path / "proxy", MODELS.format(url=books.url))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with (
        open(tmp_path / "proxy.log", "wb") as log,
        subprocess.Popen(
            [PROGRAM, "--config", config, "--host", "127.0.0.1", "--port", str(port)],
            env=environment(LITELLM_MASTER_KEY=KEY, LITELLM_LOCAL_MODEL_COST_MAP="True"),
            stdout=log,
            stderr=log,
        ) as process,
    ):
        wait_for(lambda: is_ready(url), f"no proxy: {tmp_path / 'proxy.log'}")
        yield url
        process.terminate()


def environment(**more: str) -> dict[str, str]:
    """Return this environment, with no proxy of the network between the parts."""
    return {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", **more}


def is_ready(url: str) -> bool:
    """Tell whether a proxy serves."""
    try:
        with build_opener(ProxyHandler({})).open(f"{url}/health/readiness", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def wait_for(is_so: Callable[[], bool], otherwise: str) -> None:
    """Wait until something is so, for a while."""
    until = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < until, otherwise
        time.sleep(0.2)


def talk(url: str) -> tuple[list[str], list[int]]:
    """Let the SDKs ask, and return the ids and the statuses that they saw."""
    python = Path(PROGRAM).with_name("python")
    came = subprocess.run(
        [python, TALK, url, KEY, CANARY], env=environment(), capture_output=True, check=True
    )
    found = json.loads(came.stdout)
    return found["answered"], found["failed"]


def billed(found: Sighting) -> Billed:
    """Return what a request cost, as the provider's books say it."""
    assert found.input is not None
    assert found.cache_read is not None
    assert found.cache_write_5m is not None
    assert found.cache_write_1h is not None
    assert found.output is not None
    return Billed(
        *(found.model.name, found.input, found.cache_read),
        *(found.cache_write_5m, found.cache_write_1h, found.output, found.reasoning or 0),
    )


def test_every_request_costs_what_the_provider_billed(
    proxy: str, books: Provider, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ids, statuses = talk(proxy)
    log = home / ".litellm" / "usage.jsonl"
    total = len(ids) + len(statuses)
    wait_for(
        lambda: log.exists() and log.read_bytes().count(b"\n") >= total,
        f"no {total} lines in {log}",
    )
    found = reading("litellm", log, home)
    answered = [one for one in found.sightings if one.requests]
    refused = [fact.value for fact in found.facts if fact.name == "http_status"]

    assert (len(ids), len(statuses)) == (12, 25)
    assert sorted(map(billed, answered)) == sorted(books.billed)
    assert {one.key for one in answered} == {response_key(name) for name in ids}
    assert Counter(refused) == Counter(statuses) == Counter(books.refused)
    assert len(found.sightings) == total
    assert CANARY not in log.read_text("utf-8")

    settings = tmp_path / "config.toml"
    settings.write_text(told("toml"), "utf-8")
    assert main(["--config", str(settings), "report", "model", "--json"]) == 0
    totals = json.loads(capsys.readouterr().out)["totals"]
    sums = [sum(told) for told in zip(*(one[1:] for one in books.billed), strict=True)]
    names = ["input", "cacheRead", "cacheCreation5m", "cacheCreation1h", "output", "reasoning"]
    assert [totals[f"{name}Tokens"] for name in names] == sums

"""The key of an endpoint of any kind: sent to it, and told nowhere else, whatever goes wrong."""

from __future__ import annotations

import logging
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.endpoint_server import Answer, EndpointServer, endpoint_server
from tests.gateways.cases import CASES
from tests.gateways.world import World
from tokwatch.cli import main
from tokwatch.gateways.kinds import MODULES
from tokwatch.net import Fetcher

MAPPING = """
[mapping.records]
files = ["~/records/*.jsonl"]
time = "at"
input_includes = []
[mapping.records.fields]
model = "model"
input = "n"
output = "n"
"""


def key_of(kind: str) -> str:
    """Return a key that no other text holds."""
    return f"pk-canary-{kind}:sk-canary-{kind}-5f1d"


@pytest.fixture
def servers() -> Iterator[dict[str, EndpointServer]]:
    """Return an endpoint of every kind, on the system's clock, where somebody used tokens."""
    with ExitStack() as stack:
        found = {kind: stack.enter_context(endpoint_server()) for kind in MODULES}
        now_ms = time.time_ns() // 1_000_000
        world = World([(now_ms - 7_200_000, 5), (now_ms - 60_000, 6)], lambda: now_ms)
        for (kind, _), case in CASES.items():
            found[kind].clock_ms = lambda: now_ms
            case.tell(found[kind], world)
        yield found


@pytest.fixture
def options(
    servers: dict[str, EndpointServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """Return the options that configure all of them."""
    told = [MAPPING]
    for number, (kind, server) in enumerate(servers.items()):
        monkeypatch.setenv(f"KEY_{number}", key_of(kind))
        path = next(case.path for (of, _), case in CASES.items() if of == kind)
        told.append(f'[endpoint.{kind}]\nkind = "{kind}"\nurl = "{server.url}{path}"')
        told.append(f'key = "env:KEY_{number}"\ntimeout_seconds = 1')
        told.append('mapping = "records"' if kind == "stream" else "")
    file = tmp_path / "config.toml"
    file.write_text("\n".join(told))
    return ["--config", str(file), "--data", str(tmp_path / "data")]


def test_the_key_of_no_kind_stands_anywhere(
    options: list[str],
    servers: dict[str, EndpointServer],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def crash(*asked: object) -> object:
        raise RuntimeError(*map(repr, asked))

    caplog.set_level(logging.DEBUG)
    polled = [kind for kind in servers if kind != "stream"]
    codes = [main([*options, "endpoints", "poll"])]
    codes.append(main([*options, "endpoints", "test", "stream"]))
    for kind, server in servers.items():
        echo = f"{key_of(kind)} {server.headers[0]}".encode()
        refused = Answer(echo, status=401, headers={"Location": key_of(kind)})
        server.fault = lambda _, refused=refused: refused
        codes.append(main([*options, "endpoints", "test", kind]))
        server.fault = lambda _, echo=echo: Answer(echo)
    codes.append(main([*options, "endpoints", "poll", *polled]))
    main([*options, "endpoints", "--json"])
    main([*options, "doctor"])
    monkeypatch.setattr(Fetcher, "ask", crash)
    codes.append(main([*options, "endpoints", "poll", *polled]))

    assert (codes[:2], set(codes[2:])) == ([0, 0], {1})
    shown = "".join(capfd.readouterr()) + caplog.text
    written = [file for file in (tmp_path / "data").rglob("*") if file.is_file()]
    everywhere = b"\n".join([shown.encode(), *(file.read_bytes() for file in written)])
    assert b"the key is refused" in everywhere
    assert b"usage_bucket" in everywhere
    for kind, server in servers.items():
        key, encoded = key_of(kind), b64encode(key_of(kind).encode()).decode()
        sent = " ".join(server.headers[0].values())
        assert key in sent or encoded in sent, kind
        for secret in (key, encoded, f"sk-canary-{kind}-5f1d"):
            assert secret.encode() not in everywhere, kind

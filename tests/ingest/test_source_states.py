"""How each source does: a source without folders that an endpoint tells of is there."""

from __future__ import annotations

from pathlib import Path

from tokwatch.config import load
from tokwatch.ingest.followed import FollowedSource, LiveStatus
from tokwatch.ingest.source_states import SourceStates
from tokwatch.model.snapshot import SourceMode

SETTINGS = """
[mapping.feed]
time = "t"
fields = { input = "i", model = "m" }
[endpoint.a]
kind = "stream"
url = "https://a"
mapping = "feed"
[endpoint.b]
kind = "stream"
url = "https://b"
mapping = "feed"
on = false
[endpoint.c]
kind = "litellm"
url = "https://c"
[endpoint.d]
kind = "litellm"
url = "https://d"
only = ["metrics"]
"""
ABSENT, LIVE, ENDPOINT = SourceMode.ABSENT, SourceMode.LIVE, SourceMode.ENDPOINT


def test_what_an_endpoint_tells_of_is_there_without_a_folder(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(SETTINGS, "utf-8")
    modes = {"feed": ABSENT, "litellm": LIVE, "codex": ABSENT}
    sources = tuple(FollowedSource(name, name, mode, (), 0) for name, mode in modes.items())

    states = SourceStates().of(None, LiveStatus(sources), load(file, environ={}))

    assert {one.name: (one.mode, one.endpoints) for one in states} == {
        "feed": (ENDPOINT, ("a",)),
        "litellm": (LIVE, ("c",)),
        "codex": (ABSENT, ()),
    }

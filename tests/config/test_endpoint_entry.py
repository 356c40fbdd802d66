"""The form of an endpoint: what is typed becomes the keys of its table, or words about a field."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokwatch.config import Config
from tokwatch.config.endpoint_entry import EndpointError, Entry, entry_of, wanted
from tokwatch.config.endpoints import EndpointTable
from tokwatch.config.layers import Request

SECRET = "sk-canary-typed-by-mistake"
REQUEST = Request(Path("config.toml"), False, Path(), "", ())
PROXY = EndpointTable("litellm", "http://127.0.0.1:4000", "env:K", days=3, only=("metrics",))
CONFIG = Config(request=REQUEST, endpoint={"proxy": PROXY})


def test_what_is_typed_becomes_a_table_and_stays_what_the_form_does_not_show() -> None:
    typed = entry_of("proxy", PROXY)._replace(every="5 min", url="http://localhost:4001")

    found = wanted(typed, CONFIG, "proxy")

    assert found.keys == {
        "kind": "litellm", "url": "http://localhost:4001", "key": "env:K",
        "interval_seconds": 300, "mapping": None,
    }  # fmt: skip
    assert (found.table.days, found.table.only) == (3, ("metrics",))
    assert entry_of("proxy", found.table) == typed
    assert wanted(Entry("mine", "ollama"), CONFIG).table.address == "http://127.0.0.1:11434"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (Entry("my proxy", "ollama"), "name: a name of letters"),
        (Entry("proxy", "ollama"), "name: there is an endpoint proxy"),
        (Entry("x", "lite"), "kind: one of litellm, prometheus"),
        (Entry("x", "litellm"), "url is missing"),
        (Entry("x", "litellm", "http://example.org"), "url must begin with https"),
        (Entry("x", "openai", key=SECRET), "key says where the key is"),
        (Entry("x", "ollama", every="2 s"), "every: 30 s, 5 min or 1 h"),
        (Entry("x", "ollama", every="25 h"), "every: 30 s, 5 min or 1 h"),
        (Entry("x", "stream", "https://example.org", mapping="none"), "mapping: there is no"),
        (Entry("x", "stream", "https://example.org"), "mapping and kind"),
    ],
)
def test_what_is_wrong_is_told_by_field_and_a_key_is_never_repeated(
    typed: Entry, told: str
) -> None:
    with pytest.raises(EndpointError) as error:
        wanted(typed, CONFIG)

    assert told in str(error.value)
    assert SECRET not in str(error.value)

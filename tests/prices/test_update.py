"""The price list on disk: written once, downloaded when it can be, never trusted when damaged."""

from __future__ import annotations

import errno
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tokwatch.prices import genai, update
from tokwatch.prices import header as header_module
from tokwatch.prices import shipped as shipped_list
from tokwatch.prices.header import FILE_NAME, header, package
from tokwatch.prices.resolve import resolve
from tokwatch.prices.settings import PriceSettings
from tokwatch.prices.update import refresh
from tokwatch.prices.version import version

SECONDS = 30.0


def provider(name: str, model: str, dollars: float) -> dict[str, object]:
    """Return a provider with one model, in the form that genai-prices downloads."""
    return {
        "id": name,
        "name": name,
        "api_pattern": f"https://{name}",
        "model_match": {"starts_with": model[:4]},
        "models": [
            {
                "id": model,
                "match": {"or": [{"equals": model}, {"starts_with": f"{model}-"}]},
                "context_window": 1000,
                "prices": {"input_mtok": dollars, "output_mtok": dollars * 5},
            }
        ],
    }


def price_list(dollars: float) -> bytes:
    """Return a small price list."""
    models = {"anthropic": "claude-next", "openai": "gpt-next", "google": "gemini-next"}
    return json.dumps([provider(name, model, dollars) for name, model in models.items()]).encode()


@pytest.fixture(autouse=True)
def nothing_shipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have no price list built in, as in a clone that was never installed."""
    monkeypatch.setattr(update, "SHIPPED", tmp_path / "absent.json")


class Shop(ThreadingHTTPServer):
    """Sells what `body` holds; without one it takes the order and never answers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Counter)
        self.body: bytes | None = None
        self.visits = 0
        self.closing = threading.Event()

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}/"


class Counter(BaseHTTPRequestHandler):
    """Serves one customer."""

    def do_GET(self) -> None:
        """Answer, or hold the line until the test is over."""
        assert isinstance(self.server, Shop)
        self.server.visits += 1
        if self.server.body is None:
            self.server.closing.wait(60)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """Return a running server of price lists."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    server = Shop()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    server.server_close()
    thread.join()


def next_input(folder: Path) -> list[int]:
    """Return the input rates of a model that only the shop sells."""
    settings = PriceSettings(folder=folder)
    return [card.input for card in resolve("anthropic", "claude-next", "", settings).cards]


def test_a_download_is_kept_and_used(shop: Shop, tmp_path: Path) -> None:
    settings = PriceSettings(folder=tmp_path)
    before = version(settings)
    shop.body = price_list(3)

    assert refresh(tmp_path, SECONDS, address=shop.address)

    assert next_input(tmp_path) == [3_000_000_000]
    assert (
        resolve("", "claude-next-20270101", "", settings).cards[0].cache_write_1h == 6_000_000_000
    )
    assert version(settings) != before
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_only_a_changed_list_is_news(shop: Shop, tmp_path: Path) -> None:
    shop.body = price_list(3)
    assert refresh(tmp_path, SECONDS, address=shop.address)
    first = version(PriceSettings(folder=tmp_path))

    assert not refresh(tmp_path, SECONDS, address=shop.address)
    assert version(PriceSettings(folder=tmp_path)) == first

    shop.body = price_list(4)
    assert refresh(tmp_path, SECONDS, address=shop.address)
    assert next_input(tmp_path) == [4_000_000_000]
    assert version(PriceSettings(folder=tmp_path)) != first


def test_a_fresh_list_is_not_fetched_again(shop: Shop, tmp_path: Path) -> None:
    shop.body = price_list(3)
    assert refresh(tmp_path, SECONDS, address=shop.address)
    fetched_ms = (tmp_path / FILE_NAME).stat().st_mtime_ns // 1_000_000

    assert not refresh(tmp_path, SECONDS, fetched_ms, shop.address)
    assert shop.visits == 1
    assert not refresh(tmp_path, SECONDS, fetched_ms + 1, shop.address)
    assert shop.visits == 2


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"<html>", b'[{"id": "openai"}]', price_list(3)[:-9]]
)
def test_what_is_no_price_list_changes_nothing(shop: Shop, tmp_path: Path, body: bytes) -> None:
    shop.body = body

    assert not refresh(tmp_path, SECONDS, address=shop.address)
    assert list(tmp_path.iterdir()) == []


def test_offline_is_normal(tmp_path: Path) -> None:
    assert not refresh(tmp_path, SECONDS, address="http://127.0.0.1:9/")
    assert resolve("", "gpt-5", "", PriceSettings(folder=tmp_path)).cards


def test_a_server_that_never_answers_is_left(shop: Shop, tmp_path: Path) -> None:
    shop.body = None

    assert not refresh(tmp_path, 2.0, address=shop.address)


def test_a_folder_that_cannot_be_written_does_no_harm(shop: Shop, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    shop.body = price_list(3)

    assert not refresh(blocked, SECONDS, address=shop.address)
    assert resolve("", "gpt-5", "", PriceSettings(folder=blocked)).cards


def test_the_installed_list_is_kept_and_changes_no_version(tmp_path: Path) -> None:
    settings = PriceSettings(folder=tmp_path)
    before = version(settings)

    assert resolve("", "gpt-5", "", settings).cards

    assert (tmp_path / FILE_NAME).is_file()
    assert version(settings) == before


def test_a_kept_list_needs_no_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = PriceSettings(folder=tmp_path)
    expected = resolve("", "gpt-5", "", settings)
    update._installed.cache_clear()
    monkeypatch.setattr(update, "CHILD", "tokwatch.no.such.module")
    monkeypatch.setattr(genai, "installed", None)

    assert resolve("", "gpt-5", "", settings) == expected


def test_without_another_process_the_list_is_read_in_this_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = resolve("", "gpt-5")
    monkeypatch.setattr(update, "CHILD", "tokwatch.no.such.module")
    update._installed.cache_clear()

    assert resolve("", "gpt-5") == expected


@pytest.mark.parametrize("damage", [b"", b"\xff\n", b'{"format": 0, "package": ""}\n[]'])
def test_a_damaged_file_is_replaced(tmp_path: Path, damage: bytes) -> None:
    settings = PriceSettings(folder=tmp_path)
    (tmp_path / FILE_NAME).write_bytes(damage)

    assert header(tmp_path) is None
    assert resolve("", "gpt-5", "", settings).cards
    assert header(tmp_path) is not None


def test_a_download_with_a_broken_body_is_replaced(shop: Shop, tmp_path: Path) -> None:
    shop.body = price_list(3)
    assert refresh(tmp_path, SECONDS, address=shop.address)
    path = tmp_path / FILE_NAME
    path.write_bytes(path.read_bytes().replace(b"3000000000", b"1000000000"))

    assert next_input(tmp_path) == []
    assert resolve("", "gpt-5", "", PriceSettings(folder=tmp_path)).cards


def test_a_newer_package_brings_its_own_list(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.body = price_list(3)
    assert refresh(tmp_path, SECONDS, address=shop.address)

    monkeypatch.setattr(header_module, "package", lambda: "99.0.0")

    assert next_input(tmp_path) == []


def test_a_full_disk_leaves_no_rubbish(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    shop.body = price_list(3)
    monkeypatch.setattr(Path, "replace", no_space)

    assert not refresh(tmp_path, SECONDS, address=shop.address)
    assert list(tmp_path.iterdir()) == []


def test_the_reader_takes_a_list_from_the_network(shop: Shop) -> None:
    shop.body = price_list(3)

    found = genai.downloaded(SECONDS, shop.address)

    assert [provider.id for provider in found.providers] == ["anthropic", "openai", "google"]
    assert found.providers[0].models[0].prices[0].price.output == ((-1, 15_000_000_000),)


def test_a_list_with_a_broken_pattern_is_no_list(shop: Shop, tmp_path: Path) -> None:
    shop.body = price_list(3).replace(b'"equals": "claude-next"', b'"regex": "(claude"')

    assert not refresh(tmp_path, SECONDS, address=shop.address)


def test_the_package_version_is_known_without_import(monkeypatch: pytest.MonkeyPatch) -> None:
    import genai_prices

    assert package() == genai_prices.__version__

    package.cache_clear()
    monkeypatch.setattr(Path, "glob", lambda *_: [])
    assert package() == genai_prices.__version__


def test_the_list_of_the_build_is_used_and_needs_no_other_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build carries the list: a first start neither makes nor writes one."""
    shipped = tmp_path / "installed.json"
    assert shipped_list.main([str(shipped)]) == 0
    monkeypatch.setattr(update, "SHIPPED", shipped)
    monkeypatch.setattr(update, "_child", lambda *_: pytest.fail("a process was started"))
    monkeypatch.setattr(genai, "installed", lambda: pytest.fail("genai-prices was loaded"))

    assert resolve("anthropic", "claude-opus-4-8", settings=PriceSettings(folder=tmp_path)).cards
    assert not (tmp_path / FILE_NAME).exists()

"""The one HTTP client: what leaves this machine by HTTP leaves it here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import httpx

PASSING: Final = frozenset((408, 425, 429, 500, 502, 503, 504))
"""Statuses after which another try may do better."""
MOST_BYTES: Final = 16 << 20
"""A longer answer is broken off: no model writes so much."""
MOST_SECONDS: Final = 900.0


class NetError(Exception):
    """That something could not be sent; its text never names the address, which may be secret."""

    def __init__(self, words: str, *, is_passing: bool) -> None:
        """Say what failed, and whether another try may do better."""
        super().__init__(words)
        self.is_passing = is_passing


def post_json(url: str, document: object, timeout_s: float) -> None:
    """Send a document and wait until it was taken; a NetError says why it was not."""
    import logging

    import httpx

    for name in ("httpx", "httpcore"):  # they would tell the address
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        # Redirects are not followed: they could lead to where nothing is encrypted.
        answer = httpx.post(url, json=document, timeout=timeout_s, follow_redirects=False)
    except httpx.TimeoutException:
        raise NetError(f"no answer within {timeout_s:g} s", is_passing=True) from None
    except httpx.TransportError as error:
        raise NetError(_words(error), is_passing=True) from None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        raise NetError("the address is none that can be sent to", is_passing=False) from None
    if not answer.is_success:
        raise NetError(
            f"answered with status {answer.status_code}",
            is_passing=answer.status_code in PASSING,
        )


def _words(error: Exception) -> str:
    name = type(error).__name__
    known = {
        "ConnectError": "cannot be reached",
        "ReadError": "broke off",
        "RemoteProtocolError": "broke off",
    }
    return known.get(name, name)


def exchange(url: str, document: object, headers: Mapping[str, str], timeout_s: float) -> object:
    """Send a document and return the JSON that answers it; only encrypted, or to this machine.

    A NetError says what went wrong without the address, the headers or what was sent.
    """
    import httpx

    _refuse_plain(url)
    try:
        answer = httpx.post(
            url, json=document, headers=dict(headers), timeout=timeout_s, follow_redirects=False
        )
        if not answer.is_success:
            raise NetError(
                f"answered with status {answer.status_code}",
                is_passing=answer.status_code in PASSING,
            )
        told: object = answer.json()
    except httpx.TimeoutException:
        raise NetError(f"no answer within {timeout_s:g} s", is_passing=True) from None
    except httpx.TransportError as error:
        raise NetError(_words(error), is_passing=True) from None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        raise NetError("the answer cannot be understood", is_passing=False) from None
    return told


async def streamed(
    url: str, document: object, headers: Mapping[str, str], silent_s: float
) -> AsyncIterator[str]:
    """Send a document and yield the lines of the answer as they come; cancelling breaks it off.

    Only encrypted, or to this machine. A NetError says what went wrong without the address, the
    headers or what was sent.
    """
    import asyncio

    import httpx

    _refuse_plain(url)
    try:
        async with (
            asyncio.timeout(MOST_SECONDS),
            httpx.AsyncClient(timeout=silent_s, follow_redirects=False) as client,
            client.stream("POST", url, json=document, headers=dict(headers)) as answer,
        ):
            if not answer.is_success:
                raise _refused(answer.status_code, answer.headers.get("retry-after", ""))
            async for line in _lines(answer.aiter_bytes()):
                yield line
    except (httpx.TimeoutException, TimeoutError):
        raise NetError(f"no answer within {silent_s:g} s", is_passing=True) from None
    except httpx.TransportError as error:
        raise NetError(_words(error), is_passing=True) from None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        raise NetError("the answer cannot be understood", is_passing=False) from None


class Fetched(NamedTuple):
    """What an endpoint answered, whatever its status."""

    status: int
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes
    size: int
    """Bytes that came, the head included, before anything was unpacked."""


class Fetcher:
    """Asks one server again and again over a connection that is kept; follows no redirect."""

    def __init__(self, address: str, silent_s: float, most_s: float = 60.0) -> None:
        """Name the server: encrypted, or this machine; a NetError refuses any other."""
        _refuse_plain(address)
        from urllib.parse import urlsplit

        self._address = address.rstrip("/")
        self._is_here = _is_here(urlsplit(address).hostname or "")
        self._silent_s = silent_s
        self._most_s = max(most_s, silent_s)
        self._client: httpx.Client | None = None

    def ask(
        self,
        path: str,
        query: Sequence[tuple[str, str]],
        headers: Mapping[str, str],
        body: str = "",
    ) -> Fetched:
        """Return the answer to a GET, or to a POST of JSON; a NetError tells no address."""
        import time

        client = self._open()
        until = time.monotonic() + self._most_s
        with (
            self._told(),
            client.stream(
                "POST" if body else "GET",
                self._address + path,
                params=list(query),
                headers=dict(headers),
                content=body or None,
            ) as answer,
        ):
            parts: list[bytes] = []
            size = 0
            for part in answer.iter_bytes():
                parts.append(part)
                size += len(part)
                if size > MOST_BYTES:
                    raise NetError("the answer does not end", is_passing=False)
                if time.monotonic() > until:
                    raise NetError(f"not done within {self._most_s:g} s", is_passing=True)
            head = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
            told = {name.lower(): value for name, value in answer.headers.items()}
            came = answer.num_bytes_downloaded + head
            return Fetched(answer.status_code, told, b"".join(parts), came)

    @contextmanager
    def stream(
        self, path: str, query: Sequence[tuple[str, str]], headers: Mapping[str, str]
    ) -> Iterator[tuple[Fetched, Iterator[bytes]]]:
        """Open an answer that does not end: its head, then what comes as it comes.

        A NetError says that it broke off, or was silent for too long.
        """
        client = self._open()
        with ExitStack() as opened:
            with self._told():
                answer = opened.enter_context(
                    client.stream(
                        "GET", self._address + path, params=list(query), headers=dict(headers)
                    )
                )
            told = {name.lower(): value for name, value in answer.headers.items()}
            head = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
            yield Fetched(answer.status_code, told, b"", head), self._pieces(answer)

    def _pieces(self, answer: httpx.Response) -> Iterator[bytes]:
        with self._told():
            yield from answer.iter_bytes()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Raise what goes wrong as a NetError, which names no address."""
        import httpx

        try:
            yield
        except httpx.TimeoutException:
            raise NetError(f"no answer within {self._silent_s:g} s", is_passing=True) from None
        except httpx.TransportError as error:
            raise NetError(_words(error), is_passing=True) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError):
            raise NetError("the answer cannot be understood", is_passing=False) from None

    def close(self) -> None:
        """Drop the connection; the next question makes another one."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _open(self) -> httpx.Client:
        import logging

        import httpx

        if self._client is None:
            for name in ("httpx", "httpcore"):  # they would tell the address
                logging.getLogger(name).setLevel(logging.WARNING)
            limits = httpx.Limits(max_connections=1, keepalive_expiry=90)
            self._client = httpx.Client(
                timeout=self._silent_s,
                follow_redirects=False,
                limits=limits,
                trust_env=not self._is_here,  # what stays on this machine goes through no proxy
            )
        return self._client


def _refused(status: int, retry_after: str) -> NetError:
    words = {401: ": the key is refused", 403: ": the key is refused", 429: ": too many requests"}
    told = f"answered with status {status}{words.get(status, '')}"
    if retry_after.isdecimal() and len(retry_after) < 6:
        told += f", again in {retry_after} s"
    return NetError(told, is_passing=status in PASSING)


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """Yield the lines of an answer without their ends."""
    rest, size = b"", 0
    async for chunk in chunks:
        size += len(chunk)
        if size > MOST_BYTES:
            raise NetError("the answer does not end", is_passing=False)
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace").rstrip("\r")
    if rest:
        yield rest.decode("utf-8", "replace").rstrip("\r")


def _refuse_plain(url: str) -> None:
    """Refuse an address that would be reached without encryption through a network."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise NetError("the address is none that can be sent to", is_passing=False) from None
    if parts.scheme == "https" and host:
        return
    if parts.scheme != "http" or not _is_here(host):
        raise NetError("the address is neither https nor on this machine", is_passing=False)


def _is_here(host: str) -> bool:
    from ipaddress import ip_address

    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False

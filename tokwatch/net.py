"""The one HTTP client: what leaves this machine by HTTP leaves it here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PASSING: Final = frozenset((408, 425, 429, 500, 502, 503, 504))
"""Statuses after which another try may do better."""


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
    return {"ConnectError": "cannot be reached", "ReadError": "broke off"}.get(name, name)


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

"""Reports in pages: asks for one after the other, and says where to go on."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final, NamedTuple

from tokwatch.gateways.ask import Ask, BadAnswer, Reply
from tokwatch.gateways.values import name

MOST_PAGES: Final = 20
"""Pages in one poll; the next poll takes what is left."""

Query = tuple[tuple[str, str], ...]


class Pages(NamedTuple):
    """The documents of some pages, in order."""

    documents: list[dict[str, Any]]
    is_whole: bool
    """False when there are more pages."""


def pages(path: str, query: Query) -> Generator[Ask, Reply, Pages]:
    """Ask for the pages of a report that names its next page in `next_page`."""
    documents: list[dict[str, Any]] = []
    seen: set[str] = set()
    page = ""
    while len(documents) < MOST_PAGES:
        reply = yield Ask(path, (*query, ("page", page)) if page else query)
        document = reply.document()
        documents.append(document)
        page = _next(document)
        if not page:
            return Pages(documents, True)
        if page in seen:
            raise BadAnswer("a page names itself as the next one")
        seen.add(page)
    return Pages(documents, False)


def _next(document: dict[str, Any]) -> str:
    if document.get("has_more") is False:
        return ""
    token = document.get("next_page")
    return token if isinstance(token, str) and len(token) < 4096 and name(token[:20]) else ""


def records(holder: dict[str, Any], key: str) -> list[Any]:
    """Return a list inside a document; a BadAnswer where there is none."""
    found = holder.get(key)
    if not isinstance(found, list):
        raise BadAnswer(f"the answer has no list of {key}")
    return found

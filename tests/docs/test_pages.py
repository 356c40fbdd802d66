"""The pages of docs/: their links lead somewhere, and every picture that they show was taken."""

from __future__ import annotations

import re
from pathlib import Path

from docs.camera.shots import SHOTS

REPOSITORY = Path(__file__).parents[2]
PAGES = sorted((REPOSITORY / "docs").glob("*.md"))
FRONT = [REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
LARGEST_BYTES = 150_000
"""Of a picture, for a page shows several."""


def test_every_link_leads_to_a_page_and_a_heading_of_it() -> None:
    broken = []
    for page in (*PAGES, *FRONT):
        for target in links_of(page):
            name, _, heading = target.partition("#")
            file = (page.parent / name).resolve() if name else page
            if not file.exists() or (heading and heading not in headings_of(file)):
                broken.append((page.name, target))

    assert broken == []


def test_every_page_is_listed_and_can_be_reached_from_the_front() -> None:
    listed = {name.partition("#")[0] for name in links_of(REPOSITORY / "docs" / "README.md")}

    assert {page.name for page in PAGES} - {"README.md"} <= listed
    assert "docs/README.md" in links_of(FRONT[0])


def test_the_pictures_are_those_of_the_list_and_each_is_shown() -> None:
    taken = {file.stem for file in (REPOSITORY / "docs" / "pictures").iterdir()}
    shown = {
        Path(link).stem
        for page in (*PAGES, *FRONT)
        for link in links_of(page)
        if Path(link).parent.name == "pictures"
    }

    assert taken == shown == {shot.name for shot in SHOTS}


def test_a_picture_is_small_and_needs_and_tells_nothing_else() -> None:
    for file in (REPOSITORY / "docs" / "pictures").glob("*.svg"):
        text = file.read_text("utf-8")
        assert len(text) < LARGEST_BYTES, file.name
        told = text.replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"https?://|url\(|<script|<image|/tmp/|/root/", told), file.name


def links_of(page: Path) -> list[str]:
    """Return what a page links to and shows here, but nothing elsewhere and no code."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text("utf-8"), flags=re.DOTALL)
    return re.findall(r"\]\(((?!https?:|mailto:)[^)\s]+)\)", text)


def headings_of(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as they are made of their words."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in found}

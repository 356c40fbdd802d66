"""`python -m docs.camera [NAME ...]`: takes the pictures anew and writes docs/pictures/."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from textual.pilot import Pilot

from docs.camera.drawing import svg
from docs.camera.gateways import SETTINGS, tell
from docs.camera.shots import SHOTS, Shot
from docs.camera.stage import screen, settled, settled_more
from tokwatch.ui.app import TokwatchApp

PICTURES: Final = Path(__file__).parent.parent / "pictures"
KEYS: Final = {"~": "tilde", "/": "slash", ".": "full_stop"}
CALM_S: Final = 1.5
"""For so long a screen has to stand still before it is taken."""
PATIENCE_S: Final = 90.0


def main(names: list[str]) -> int:
    """Take the pictures that are named, else all of them."""
    unknown = set(names) - {shot.name for shot in SHOTS}
    if unknown:
        print(f"no such picture: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tokwatch-pictures-") as folder:
        asyncio.run(_taken([shot for shot in SHOTS if not names or shot.name in names], folder))
    return 0


async def _taken(shots: list[Shot], folder: str) -> None:
    home = Path(folder).resolve()
    config = settled(home)
    app = screen(config, home)
    async with app.run_test(size=(120, 36)) as pilot:
        await _calm(app, pilot, "/month", PATIENCE_S)  # until suggestions were looked for
    for shot in shots:
        if shot.with_gateways and not config.endpoint:
            config = settled_more(config, SETTINGS)
            tell(config)
        app = screen(config, home)
        async with app.run_test(size=shot.size) as pilot:
            await _calm(app, pilot, "")
            if shot.theme:
                app.theme = shot.theme
            for key in shot.keys:
                if key == "...":
                    await _calm(app, pilot, "")
                else:
                    await pilot.press(KEYS.get(key, key))
            await _calm(app, pilot, shot.until)
            lines = app.screen._compositor.render_strips()
            text = _unnumbered(svg(lines, shot.size[0], shot.about))
        (PICTURES / f"{shot.name}.svg").write_text(text, "utf-8")
        print(f"{shot.name}: {len(text) / 1000:.0f} kB")


async def _calm(app: TokwatchApp, pilot: Pilot[int], until: str, patience_s: float = 20) -> None:
    """Wait until the screen holds a text and has not changed for a while."""
    waited, still, before = 0.0, 0.0, ""
    while still < CALM_S or until not in before:
        await asyncio.sleep(0.1)
        await pilot.pause()
        text = _text(app)
        still = still + 0.1 if text == before and app.snapshot else 0.0
        waited, before = waited + 0.1, text
        if waited > patience_s:
            raise SystemExit(f"this is not on the screen: {until}\n{before}")


def _unnumbered(text: str) -> str:
    """Put a number of as many digits in the place of this process's own."""
    own = str(os.getpid())
    return text.replace(f">{own} ", f">{'31415926'[: len(own)]} ")


def _text(app: TokwatchApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

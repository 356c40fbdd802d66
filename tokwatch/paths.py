"""Where things lie: what tokwatch ships, the user's settings, and what tokwatch writes."""

from __future__ import annotations

from pathlib import Path

from tokwatch.errors import TokwatchError


def shipped_folder() -> Path:
    """Return the folder of the shipped config.toml and themes/."""
    package = Path(__file__).resolve().parent
    # A wheel carries both inside the package; a clone, and so an editable install, at its top.
    for folder in (package / "_assets", package.parent):
        if (folder / "config.toml").is_file():
            return folder
    raise TokwatchError(f"config.toml is missing beside {package}", "Install tokwatch again.")


def user_config_file() -> Path:
    """Return the user's own config.toml in the platform's config folder; it may not exist."""
    from platformdirs import user_config_path

    return user_config_path("tokwatch", appauthor=False) / "config.toml"


def user_data_folder() -> Path:
    """Return the platform's folder for what tokwatch writes; it may not exist."""
    from platformdirs import user_data_path

    return user_data_path("tokwatch", appauthor=False)


def themes_folders(config_file: Path) -> tuple[Path, Path]:
    """Return the folder of the shipped themes and the user's own beside their config."""
    return shipped_folder() / "themes", config_file.parent / "themes"

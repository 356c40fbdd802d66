"""tokwatch works from a wheel, from `pip install .`, from an editable install and from a clone.

Nothing is downloaded: what tokwatch needs is lent to the empty environments by this one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from tokwatch import __version__

pytestmark = pytest.mark.no_cover  # all of it happens in other processes
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]
WHERE_FROM = """
from pathlib import Path
import tokwatch
from tokwatch.config import load
from tokwatch.paths import themes_folders
shipped, _ = themes_folders(load().file)
print(Path(tokwatch.__file__).parent)
print(*sorted(file.name for file in shipped.glob("*.toml")))
"""


@pytest.fixture(scope="module")
def clone(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the repository, so that building leaves nothing in it."""
    folder = tmp_path_factory.mktemp("clone") / "tokwatch"
    left_out = [line.strip("/") for line in (repository / ".gitignore").read_text().split()]
    shutil.copytree(repository, folder, ignore=shutil.ignore_patterns(".git", *left_out))
    return folder


@pytest.fixture(scope="module")
def sdist(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a source distribution of the clone."""
    return build("sdist", clone, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel that was built from the source distribution."""
    source = tmp_path_factory.mktemp("source")
    with tarfile.open(sdist) as archive:
        archive.extractall(source, filter="data")
    return build("wheel", source / f"tokwatch-{__version__}", tmp_path_factory.mktemp("wheel"))


def build(target: str, source: Path, folder: Path) -> Path:
    """Build a distribution and return its file."""
    call(sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder), cwd=source)
    [file] = folder.iterdir()
    return file


def call(*command: str, cwd: Path) -> str:
    """Run a program to its good end and return what it printed."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def empty_environment(folder: Path) -> Path:
    """Make an environment that has what tokwatch needs, but not tokwatch; return its Python."""
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    [packages] = folder.glob("lib/python*/site-packages")
    lent = [path for path in sys.path if path.endswith("site-packages")]
    # Paths in a .pth file come after the environment's own, and .pth files there are not read:
    # an editable tokwatch of the lender stays unseen.
    (packages / "lent.pth").write_text("\n".join(lent))
    return python


def install(python: Path, *what: str) -> None:
    """Install into an environment with nothing but what is named."""
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--no-compile"]
    call(*PIP, "--python", str(python), "install", *offline, *what, cwd=python.parent)


def check_tokwatch(python: Path, cwd: Path, repository: Path) -> Path:
    """Check that tokwatch runs and finds what it ships; return where it lies."""
    assert call(str(python), "-m", "tokwatch", "--version", cwd=cwd) == f"tokwatch {__version__}\n"
    assert call(str(python), "-m", "tokwatch", "config", "--check", cwd=cwd).startswith("ok: ")
    folder, themes = call(str(python), "-c", WHERE_FROM, cwd=cwd).splitlines()
    assert themes.split() == sorted(file.name for file in (repository / "themes").glob("*.toml"))
    assert "tokwatch-dark.toml" in themes.split()
    return Path(folder)


def test_a_wheel_works_in_an_empty_environment(
    wheel: Path, tmp_path: Path, repository: Path
) -> None:
    python = empty_environment(tmp_path / "venv")
    install(python, str(wheel))

    folder = check_tokwatch(python, tmp_path, repository)

    assert tmp_path / "venv" in folder.parents
    assert call(str(python.parent / "tokwatch"), "--version", cwd=tmp_path).startswith("tokwatch ")


def test_pip_install_from_a_clone_works(clone: Path, tmp_path: Path, repository: Path) -> None:
    python = empty_environment(tmp_path / "venv")
    install(python, str(clone))

    folder = check_tokwatch(python, tmp_path, repository)

    assert tmp_path / "venv" in folder.parents


def test_an_editable_install_runs_the_clone(clone: Path, tmp_path: Path, repository: Path) -> None:
    python = empty_environment(tmp_path / "venv")
    install(python, "--editable", str(clone))

    assert check_tokwatch(python, tmp_path, repository) == clone / "tokwatch"


def test_a_clone_runs_where_it_lies(clone: Path, tmp_path: Path, repository: Path) -> None:
    python = empty_environment(tmp_path / "venv")

    assert check_tokwatch(python, clone, repository) == clone / "tokwatch"


def test_the_wheel_holds_the_package_and_its_assets_only(wheel: Path, clone: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    shipped = {name for name in names if ".dist-info/" not in name}
    package = {
        file.relative_to(clone).as_posix()
        for file in (clone / "tokwatch").rglob("*")
        if file.is_file()
    }
    themes = {f"tokwatch/_assets/themes/{file.name}" for file in (clone / "themes").iterdir()}

    assert shipped == package | themes | {"tokwatch/_assets/config.toml"}
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_source_distribution_holds_the_repository(sdist: Path, clone: Path) -> None:
    with tarfile.open(sdist) as archive:
        shipped = {name.partition("/")[2] for name in archive.getnames()}
    files = (file.relative_to(clone) for file in clone.rglob("*") if file.is_file())
    ours = {file.as_posix() for file in files if file.parts[0] != ".ci"}
    made = {"PKG-INFO", "tokwatch/prices/installed.json"}

    assert ours <= shipped
    assert {name for name in shipped - ours if "." in name} <= made

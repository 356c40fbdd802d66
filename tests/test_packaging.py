"""tokwatch works from a wheel, from `pip install .`, from an editable install and from a clone.

Nothing is downloaded: what tokwatch needs is lent to the empty environments by this one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from hatch_build import run
from tests.compiled import not_compiled
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
WHERE_COMPILED = """
from tokwatch.sources import quick_sieve
from tokwatch.store import quick_rows
print(quick_sieve.__file__)
print(quick_rows.__file__)
"""
SOURCES = [Path("tokwatch/sources/quick_sieve.pyx"), Path("tokwatch/store/quick_rows.pyx")]
COMPILED = [file.with_suffix(str(sysconfig.get_config_var("EXT_SUFFIX"))) for file in SOURCES]


@pytest.fixture(scope="module")
def clone(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the repository, so that building leaves nothing in it."""
    folder = tmp_path_factory.mktemp("clone") / "tokwatch"
    left_out = [line.strip("/") for line in (repository / ".gitignore").read_text().split()]
    shutil.copytree(repository, folder, ignore=shutil.ignore_patterns(".git", *left_out))
    return folder


@pytest.fixture
def quick_clone(clone: Path, tmp_path: Path) -> Path:
    """Return a copy whose modules are next to nothing: the real ones take seconds to compile."""
    folder = tmp_path / "quick"
    shutil.copytree(clone, folder, ignore=shutil.ignore_patterns("tests", "docs"))
    for source in SOURCES:
        (folder / source).write_text("# cython: language_level=3\n")
    return folder


@pytest.fixture(scope="module")
def built(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a source distribution of the clone and a wheel made of that.

    One for all processes that the tests run in: to compile takes seconds.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "built"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            part = tmp_path_factory.mktemp("built") / "built"
            sdist = build("sdist", clone, part / "sdist")
            with tarfile.open(sdist) as archive:
                archive.extractall(part, filter="data")
            build("wheel", part / f"tokwatch-{__version__}", part / "wheel")
            part.rename(folder)
    return folder


@pytest.fixture(scope="module")
def sdist(built: Path) -> Path:
    """Return the source distribution."""
    return next((built / "sdist").iterdir())


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    """Return the wheel."""
    return next((built / "wheel").iterdir())


def build(target: str, source: Path, folder: Path) -> Path:
    """Build a distribution and return its file."""
    call(sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder), cwd=source)
    [file] = folder.iterdir()
    return file


def call(*command: str, cwd: Path, **variables: str) -> str:
    """Run a program to its good end and return what it printed."""
    done = ended(*command, cwd=cwd, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def ended(*command: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program and return how it ended."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **variables}
    environment.pop("PYTHONPATH", None)
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


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


def install(python: Path, *what: str, **variables: str) -> None:
    """Install into an environment with nothing but what is named."""
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--no-compile"]
    call(*PIP, "--python", str(python), "install", *offline, *what, cwd=python.parent, **variables)


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
    if wheel.name.endswith("-none-any.whl"):
        not_compiled("the wheel is for any platform: no C compiler made the quick modules")
    told = call(str(python), "-c", WHERE_COMPILED, cwd=tmp_path)
    assert told.splitlines() == [str(folder.parent / file) for file in COMPILED]


def test_pip_install_from_a_clone_works_without_the_compiled_modules_on_request(
    clone: Path, tmp_path: Path, repository: Path
) -> None:
    python = empty_environment(tmp_path / "venv")
    install(python, str(clone), TOKWATCH_PURE="1")

    folder = check_tokwatch(python, tmp_path, repository)

    assert tmp_path / "venv" in folder.parents
    assert not any((folder.parent / file).exists() for file in COMPILED)
    [tags] = folder.parent.glob("tokwatch-*.dist-info/WHEEL")
    assert "Root-Is-Purelib: true\nTag: py3-none-any\n" in tags.read_text()


def test_an_editable_install_runs_the_clone_and_compiles_in_it(
    quick_clone: Path, tmp_path: Path, repository: Path
) -> None:
    before = set(_files(quick_clone))
    python = empty_environment(tmp_path / "venv")
    install(python, "--editable", str(quick_clone))

    assert check_tokwatch(python, tmp_path, repository) == quick_clone / "tokwatch"
    made = set(_files(quick_clone)) - before - {"tokwatch/prices/installed.json"}
    if not made:
        not_compiled("an editable install made no quick modules: no C compiler")
    assert made == {file.as_posix() for file in COMPILED}, "and nothing that compiling leaves"
    told = call(str(python), "-c", WHERE_COMPILED, cwd=tmp_path)
    assert told.splitlines() == [str(quick_clone / file) for file in COMPILED]


def test_a_compiler_that_fails_leaves_a_wheel_for_any_platform(
    quick_clone: Path, tmp_path: Path
) -> None:
    for file in COMPILED:
        (quick_clone / file).write_bytes(b"of another source")
    command = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path))

    done = ended(*command, cwd=quick_clone, CC="/bin/false")

    assert done.returncode == 0
    assert "no C compiler that works: logs are read by plain Python, more slowly" in done.stderr
    [wheel] = tmp_path.glob("*.whl")
    assert wheel.name == f"tokwatch-{__version__}-py3-none-any.whl"
    assert not [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".so")]
    assert not any((quick_clone / file).exists() for file in COMPILED)


def test_where_one_module_cannot_be_compiled_none_is_there(quick_clone: Path) -> None:
    (quick_clone / SOURCES[1]).write_text("this is no Cython")
    (quick_clone / COMPILED[0]).write_bytes(b"of another source")

    done = ended(sys.executable, "compile_quick.py", cwd=quick_clone)

    assert (done.returncode, done.stdout) == (1, "no C compiler that works\n")
    assert not any((quick_clone / file).exists() for file in COMPILED)


def test_what_is_made_in_a_build_finds_what_pip_lends_it(
    clone: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "lent.py").write_text("import tokwatch.prices.shipped as it; print(it.__file__)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    done = run(str(clone), "-m", "lent")

    assert done.stdout.strip() == str(clone / "tokwatch/prices/shipped.py")


def test_a_clone_runs_where_it_lies(clone: Path, tmp_path: Path, repository: Path) -> None:
    python = empty_environment(tmp_path / "venv")

    assert check_tokwatch(python, clone, repository) == clone / "tokwatch"


def _files(clone: Path) -> Iterator[str]:
    """Yield the clone's files, without what Python compiled while it was built."""
    for file in clone.rglob("*"):
        if file.is_file() and file.parent.name != "__pycache__":
            yield file.relative_to(clone).as_posix()


def test_the_wheel_holds_the_package_and_its_assets_only(wheel: Path, clone: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    shipped = {name for name in names if ".dist-info/" not in name}
    package = {name for name in _files(clone) if name.startswith("tokwatch/")} - {
        "tokwatch/sources/quick_json.pxd",
        *(file.as_posix() for file in SOURCES),
    }
    if not wheel.name.endswith("-none-any.whl"):
        package |= {file.as_posix() for file in COMPILED}
    themes = {f"tokwatch/_assets/themes/{file.name}" for file in (clone / "themes").iterdir()}

    assert shipped == package | themes | {"tokwatch/_assets/config.toml"}
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_source_distribution_holds_the_repository(sdist: Path, clone: Path) -> None:
    with tarfile.open(sdist) as archive:
        shipped = {name.partition("/")[2] for name in archive.getnames()}
    ours = {name for name in _files(clone) if not name.startswith(".ci/")}
    made = {"PKG-INFO", "tokwatch/prices/installed.json"}

    assert ours <= shipped
    assert {name for name in shipped - ours if "." in name} <= made

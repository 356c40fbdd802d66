"""Compiles the quick modules beside their sources: `python compile_quick.py`.

Prints where they lie; or why they are not there, with exit code 1, and removes those of other
sources.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
import tempfile
from contextlib import chdir, redirect_stdout
from pathlib import Path

SOURCES = (Path("tokwatch/sources/quick_sieve.pyx"), Path("tokwatch/store/quick_rows.pyx"))
SUFFIX = str(sysconfig.get_config_var("EXT_SUFFIX"))
FILES = [source.with_name(source.stem + SUFFIX) for source in SOURCES]
"""What this interpreter loads; those of others lie beside them."""


def main() -> int:
    """Compile where one wants it and it can be done."""
    root = Path(__file__).resolve().parent
    if os.environ.get("TOKWATCH_PURE", "0") not in ("", "0"):
        reason = "TOKWATCH_PURE is set"
    else:
        reason = trouble(root)
    if reason:
        for file in FILES:
            (root / file).unlink(missing_ok=True)
    print(reason or "\n".join(file.as_posix() for file in FILES))
    return 1 if reason else 0


def trouble(root: Path) -> str:
    """Compile and return nothing, or why that failed; stderr tells the rest."""
    try:
        with tempfile.TemporaryDirectory() as folder, redirect_stdout(sys.stderr):
            made = compiled(root, Path(folder))
            for file in FILES:
                put(made / file, root / file)
    except ModuleNotFoundError as error:
        return f"{error.name} is not installed"
    # Compilers fail in many ways, and none is a reason to have no tokwatch.
    except (Exception, SystemExit) as error:
        print(error, file=sys.stderr)
        return "no C compiler that works"
    return ""


def compiled(root: Path, folder: Path) -> Path:
    """Compile copies in a folder and return where they are; they tell no path of this machine."""
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension
    from setuptools.command.build_ext import build_ext

    class Build(build_ext):
        """Compiles for size and quickly, and leaves out where this Python's libraries lie."""

        def build_extensions(self) -> None:
            if self.compiler.compiler_type != "msvc":
                words = self.compiler.linker_so
                self.compiler.linker_so = [w for w in words if not w.startswith("-Wl,-rpath")]
                for extension in self.extensions:
                    extension.extra_compile_args = ["-O2", "-g0"]
            super().build_extensions()

    use_any_compiler()
    for source in SOURCES:
        (folder / source.parent).mkdir(parents=True)
        for part in (root / source, *(root / source).parent.glob("*.pxd")):
            shutil.copy(part, folder / source.parent)
    wanted = [
        Extension(".".join(source.with_suffix("").parts), [source.as_posix()]) for source in SOURCES
    ]
    with chdir(folder):
        command = Build(Distribution({"ext_modules": cythonize(wanted, quiet=True)}))
        command.parallel = len(wanted)
        command.build_lib, command.build_temp = "made", "."
        command.ensure_finalized()
        command.run()
    return folder / "made"


def use_any_compiler() -> None:
    """Ask for `cc` where the compiler that made this Python is not here."""
    named = sysconfig.get_config_var("CC")
    if named and "CC" not in os.environ and shutil.which(str(named).split()[0]) is None:
        os.environ["CC"] = "cc"


def put(file: Path, place: Path) -> None:
    """Put a file in its place at once: a tokwatch that runs keeps the one that it has loaded."""
    part = place.with_suffix(".part")
    shutil.copy(file, part)
    os.replace(part, place)


if __name__ == "__main__":
    sys.exit(main())

"""Compiles the quick sieve beside its source: `python compile_sieve.py`.

Prints where it lies; or why it is not there, with exit code 1, and removes that of other sources.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
import tempfile
from contextlib import chdir, redirect_stdout
from pathlib import Path

MODULE = "tokwatch.sources.quick_sieve"
SOURCE = Path(*MODULE.split(".")).with_suffix(".pyx")
FILE = SOURCE.with_name(SOURCE.stem + str(sysconfig.get_config_var("EXT_SUFFIX")))
"""What this interpreter loads; those of others lie beside it."""


def main() -> int:
    """Compile where one wants it and it can be done."""
    root = Path(__file__).resolve().parent
    if os.environ.get("TOKWATCH_PURE", "0") not in ("", "0"):
        reason = "TOKWATCH_PURE is set"
    else:
        reason = trouble(root)
    if reason:
        (root / FILE).unlink(missing_ok=True)
    print(reason or FILE.as_posix())
    return 1 if reason else 0


def trouble(root: Path) -> str:
    """Compile and return nothing, or why that failed; stderr tells the rest."""
    try:
        with tempfile.TemporaryDirectory() as folder, redirect_stdout(sys.stderr):
            put(compiled(root / SOURCE, Path(folder)), root / FILE)
    except ModuleNotFoundError as error:
        return f"{error.name} is not installed"
    # Compilers fail in many ways, and none is a reason to have no tokwatch.
    except (Exception, SystemExit) as error:
        print(error, file=sys.stderr)
        return "no C compiler that works"
    return ""


def compiled(source: Path, folder: Path) -> Path:
    """Compile a copy in a folder and return the extension; it tells no path of this machine."""
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
    (folder / SOURCE.parent).mkdir(parents=True)
    for part in (source, *source.parent.glob("*.pxd")):
        shutil.copy(part, folder / SOURCE.parent)
    with chdir(folder):
        modules = cythonize([Extension(MODULE, [SOURCE.as_posix()])], quiet=True)
        command = Build(Distribution({"ext_modules": modules}))
        command.build_lib, command.build_temp = "made", "."
        command.ensure_finalized()
        command.run()
    return folder / "made" / FILE


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

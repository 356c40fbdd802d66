"""`python -m tokwatch`."""

from __future__ import annotations

from tokwatch.cli import main

if __name__ == "__main__":
    raise SystemExit(main())

"""Files of JSON lines that benchmarks are given, gzipped or not."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.measured import BenchError


def rows_of(file: Path) -> Iterator[dict[str, Any]]:  # as each reader of rows knows them
    """Yield the records of a file; a BenchError where it cannot be read."""
    try:
        content = file.read_bytes()
        text = (gzip.decompress(content) if file.suffix == ".gz" else content).decode()
        yield from map(json.loads, text.splitlines())
    except (OSError, ValueError) as error:
        raise BenchError(f"{file}: {error}") from None

"""Makes the price list that a build carries: `python -m tokwatch.prices.shipped FILE`."""

from __future__ import annotations

import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Write the list of the installed genai-prices to a file, in the form of the data folder's."""
    import msgspec

    from tokwatch.prices.genai import installed
    from tokwatch.prices.update import encoded_list

    Path(arguments[0]).write_bytes(encoded_list(msgspec.json.encode(installed())))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

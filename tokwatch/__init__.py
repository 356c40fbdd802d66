"""tokwatch: what coding agents spend, while they work."""

__version__ = "0.1.0"

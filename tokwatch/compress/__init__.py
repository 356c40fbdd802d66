"""Compresses prompts: edits of the original text, their risk, and what they cost the reader."""

from __future__ import annotations

from tokwatch.compress.call import compress, compress_blind

__all__ = ["compress", "compress_blind"]

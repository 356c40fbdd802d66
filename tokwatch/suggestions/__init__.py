"""Savings looked for in the store, and followed until they prove themselves."""

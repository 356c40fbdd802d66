"""The nouns, frozen: what sources, store, analysis and screens share; no I/O."""

"""Model name to rate cards: genai-prices, our corrections in prices.toml, the user's overrides.

Importing it loads no library, and genai-prices is only ever read in a process of its own.
"""

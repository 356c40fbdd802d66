"""Rules judged over the store, and people told of what they found."""

"""What the screens beyond the overview show: a question each, and its answer from the store."""

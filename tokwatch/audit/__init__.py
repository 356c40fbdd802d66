"""Where a number comes from: its events, their logs, and the records themselves."""

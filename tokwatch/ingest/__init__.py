"""Where sources and store meet: reads what is new in the logs, live or once, and writes it."""

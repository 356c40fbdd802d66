"""What `check` and the status line answer, prepared so that they start at once."""

"""Token counts held against the user's own logs."""

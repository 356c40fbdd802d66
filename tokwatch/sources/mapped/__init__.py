"""Log formats that the user's settings describe, in `[mapping.NAME]`; see docs/mapping.md."""

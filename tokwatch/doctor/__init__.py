"""What `tokwatch doctor` checks."""

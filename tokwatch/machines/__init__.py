"""Several machines in one store."""

"""Every read of the store, by what is asked; all take a View first."""

"""The screen: draws snapshots and asks the monitor; the only package that imports textual."""

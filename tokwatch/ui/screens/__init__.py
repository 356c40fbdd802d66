"""The screens: they compose panes and route keys; what is shown comes from the snapshot."""

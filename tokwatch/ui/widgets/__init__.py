"""The panes of the screens, and the lines they are painted with."""

"""The workbench without a screen: what is compressed and how, what comes of it, and its picture."""

"""What the commands and the workbench do with a prompt: compress, count, summarise, keep."""

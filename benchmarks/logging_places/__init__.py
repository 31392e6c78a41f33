"""Log lines that are proposed for whole projects, and beside those that people wrote."""

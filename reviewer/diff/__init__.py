"""Git and unified diffs in, changed files with their lines and contents out."""

"""Setting a repository up (`plan`), and saying what works (`health`)."""

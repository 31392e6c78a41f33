"""How many requests the service takes, how long each waits, and what more workers bring."""

"""The command line: one module a command, imported without anything heavy, since start-up counts."""

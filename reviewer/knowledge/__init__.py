"""What library callables do: one TOML file a library, read only when a reviewed file uses that library."""

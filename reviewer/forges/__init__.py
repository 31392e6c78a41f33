"""One adapter for each code host, and the events that they send."""

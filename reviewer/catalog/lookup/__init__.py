"""Look-up: which patterns and incidents of a catalog speak of what a person or some code is about."""

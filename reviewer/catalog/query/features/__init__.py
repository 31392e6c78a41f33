"""What a query may ask of a fact: one module for each theme, each with its `FEATURES`."""

"""How a catalog is written down: patterns, lessons and outcomes as tables of TOML or JSON, and back, strictly."""

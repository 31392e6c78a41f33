"""Source and changed lines → units → facts. `ast` only locates definitions; libcst parses those that matter."""

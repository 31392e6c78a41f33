"""One rule per file over facts and flow; `registry` finds them by walking this package."""

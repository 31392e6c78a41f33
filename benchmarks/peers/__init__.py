"""Other tools and the reviewer on the same real bugs and the same commits that turned out well, in one run."""

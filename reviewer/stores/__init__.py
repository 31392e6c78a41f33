"""Where things are kept: one adapter a file."""

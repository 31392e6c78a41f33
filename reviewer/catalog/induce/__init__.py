"""A fix → detectors that tell the code before from the code after, smallest and most general first; no model needed."""

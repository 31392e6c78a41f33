"""Replay: what a detector finds on a fix's own code before it, after it, varied, and on code that is none of its."""

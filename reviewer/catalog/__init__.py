"""Learned patterns: read post-mortems, distil, induce, replay, look up, count what becomes of them."""

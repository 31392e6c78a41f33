"""From a report to what stands on a forge: planned without I/O, then done by one function."""

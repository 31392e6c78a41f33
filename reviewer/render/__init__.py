"""A report as a person or a program wants it: one module a format, pure functions from report to text."""

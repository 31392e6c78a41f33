"""Proofs for the labels of escapes.json: real functions run with a fault injected, one module a project."""

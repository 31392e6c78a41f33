"""Framework boundaries: who calls a function of the project and turns what leaves it into something.

One module for each family, found by walking this package; `finder.Boundaries` asks them all about a function.
"""

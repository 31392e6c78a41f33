"""Answers four questions about a change before it is deployed.

What does it call outside itself; what if that is slow or down; where can it throw; what does it assume about its input.
"""

__version__ = "0.1.0"

"""The language in which a learned pattern is a detector as data: features of facts, queries over them, running many."""

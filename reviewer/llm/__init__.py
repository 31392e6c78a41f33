"""Adapters to language models, one provider a file, and what makes any of them patient."""

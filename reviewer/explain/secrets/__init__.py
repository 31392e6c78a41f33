"""Secrets in what is sent to a language model: how they look, where they stand, what they are called, how they go."""

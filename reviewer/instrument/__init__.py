"""Logging patches without a model: where a log line is missing, what it would say, the code, and the proof of it.

A file is read as a `Subject`; `places` tells where, `fields`, `wording` and `dialect` tell what, and together they make
a `Proposal`, which `write` puts into the code and `verify` proves. `patches` is the way through all of them.
"""

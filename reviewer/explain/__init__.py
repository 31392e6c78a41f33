"""Words for what was found: without a model, from the rule, the facts and the library's knowledge."""

"""A server of the Model Context Protocol: what an assistant asks before, while and after it writes code."""

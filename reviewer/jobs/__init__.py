"""Reviews as durable jobs: accepted once, carried through crashes, each step repeatable."""

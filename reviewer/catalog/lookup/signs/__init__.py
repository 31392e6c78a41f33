"""What code shows of the ideas of the field: one module for each sort of sign, each with a tuple `SIGNS`.

A sign is no finding. It says what a passage of code is about ("reads a whole answer into memory"), so that incidents of
that sort can be looked up; whether anything is wrong there is for rules and detectors to say. Signs go by names where
nothing better is known, since what is looked up is often a few lines without their imports.
"""

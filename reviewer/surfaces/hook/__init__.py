"""The git pre-push hook: judges only what a push makes public, and never stands in the way by its own fault.

The hook itself is a shim in sh (`shim`): it calls the hook that was there before, then the very Python that installed
it (`installation`). What a push makes public is worked out with git alone (`push`); where that holds no Python the
answer is given without loading anything else (`shortcut`), else it is reviewed (`running`).
"""

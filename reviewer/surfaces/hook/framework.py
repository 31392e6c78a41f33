"""The hook as the pre-commit framework calls it, which tells its stage through the environment (https://pre-commit.com)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from reviewer.errors import RevisionError
from reviewer.ports import Scope, Selection
from reviewer.surfaces.hook.push import Pushed, commit_id
from reviewer.surfaces.hook.running import Wish, run, run_selection

_ZERO = "0" * 40


def run_for_framework(repo: Path, environment: Mapping[str, str], wish: Wish) -> bool:
    """Review what is pushed, a range that somebody named by hand (`pre-commit run --from-ref`), or what is staged.

    Args:
        repo: where the framework starts its hooks.
        environment: PRE_COMMIT_FROM_REF, PRE_COMMIT_TO_REF and PRE_COMMIT_REMOTE_NAME, where they are set.
        wish: how.

    Returns:
        Whether to stop it.

    Raises:
        RevisionError: a revision is unknown here.
    """
    before, after = environment.get("PRE_COMMIT_FROM_REF", ""), environment.get("PRE_COMMIT_TO_REF", "")
    pushing = bool(environment.get("PRE_COMMIT_REMOTE_NAME"))
    if not pushing and not after:
        return run_selection(repo, Selection(Scope.STAGED), wish)
    # Where all of it is new the framework names no revisions, only the branch.
    head = after or environment.get("PRE_COMMIT_LOCAL_BRANCH", "HEAD")
    if not pushing:
        return run_selection(repo, Selection(Scope.RANGE, base=before or None, head=head), wish)
    identity = commit_id(repo, head)
    if identity is None:
        raise RevisionError(head, "git does not know it here; run 'pre-commit' as git's hook")
    known = (commit_id(repo, before) if before else None) or _ZERO
    line = Pushed(head, identity, environment.get("PRE_COMMIT_REMOTE_BRANCH", head), known)
    return run(repo, [line], wish)

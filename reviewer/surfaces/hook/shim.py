"""The hook's text for sh: what git runs, on every system that git runs on, Git Bash on Windows included.

It reads git's lines once and gives them to whoever else wants them. What another hook decides stays decided.
"""

from __future__ import annotations

import re
import shlex

NAME = "pre-push"
KEPT = "pre-push.local"
"""The hook that was there before."""
STOP_CODE = 10
"""How `hook run` tells the shim to stop the push; any other code but 0 is a failure of the reviewer itself."""
MARK = "# reviewer pre-push hook"
_BLOCK = (f"{MARK}: begin; 'reviewer hook uninstall' takes it away\n", f"{MARK}: end\n")
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_CHAINED = "REVIEWER_CHAINED"
"""Set for the hook that was there before: where that one, put over ours by another program, calls ours in turn, nothing
is called twice."""


def shim(python: str, *, strict: bool) -> str:
    """A whole hook.

    `-P` keeps the reviewed repository out of Python's module path, where git starts the hook: nothing in it may be
    imported.

    Args:
        python: absolute path of the interpreter that has the reviewer.
        strict: stop the push also where the reviewer cannot do its work.
    """
    strictly = " --strict" if strict else ""
    failed = 'echo "reviewer: the push is stopped because of --strict" >&2; exit 1' if strict else "exit 0"
    outcome = "is stopped (--strict)" if strict else "goes through without a review"
    return f"""#!/bin/sh
{MARK}; 'reviewer hook uninstall' takes it away
python={shlex.quote(path_for_sh(python))}
before="$(dirname -- "$0")/{KEPT}"
pushed="$(cat)"
give() {{ if [ -n "$pushed" ]; then printf '%s\\n' "$pushed"; fi; }}

if [ -n "${_CHAINED}" ]; then exit 0; fi
if [ -x "$before" ]; then
  give | {_CHAINED}=1 "$before" "$@" || exit $?
fi
if [ ! -x "$python" ]; then
  echo "reviewer: $python is gone, so the push {outcome}; 'reviewer hook install' again" >&2
  {failed}
fi
give | "$python" -P -m reviewer hook run --stop-code {STOP_CODE}{strictly} -- "$@"
code=$?
case $code in
  0) exit 0 ;;
  {STOP_CODE}) exit 1 ;;
  130) exit 130 ;;
esac
echo "reviewer: could not run (code $code), so the push {outcome}" >&2
{failed}
"""


def block(*, strict: bool) -> str:
    """Lines for a script that a team shares (Husky): they find the reviewer by name, on whatever machine that is.

    What follows them in the script finds git's lines on stdin as if nobody had read them.

    Args:
        strict: as `shim`.
    """
    strictly = " --strict" if strict else ""
    outcome = "is stopped (--strict)" if strict else "goes through without a review"
    failed = "; exit 1" if strict else ""
    begin, end = _BLOCK
    return f"""{begin}pushed="$(cat)"
if command -v reviewer >/dev/null 2>&1; then
  code=0
  printf '%s\\n' "$pushed" | sed '/^$/d' | reviewer hook run --stop-code {STOP_CODE}{strictly} -- "$@" || code=$?
  case $code in
    0) ;;
    {STOP_CODE}) exit 1 ;;
    130) exit 130 ;;
    *) echo "reviewer: could not run (code $code), so the push {outcome}" >&2{failed} ;;
  esac
else
  echo "reviewer: not installed here, so the push {outcome}; 'pipx install reviewer'" >&2{failed}
fi
if [ -n "$pushed" ]; then
  exec <<REVIEWER_LINES
$pushed
REVIEWER_LINES
fi
{end}"""


def with_block(script: str, lines: str) -> str:
    """A script with the block at its head, after the line that names its interpreter; once only."""
    script = without_block(script)
    first, newline, rest = script.partition("\n")
    if first.startswith("#!"):
        return f"{first}\n{lines}{rest}"
    return f"{lines}{first}{newline}{rest}"


def without_block(script: str) -> str:
    """A script as it was before `with_block`."""
    begin, end = _BLOCK
    head, found, rest = script.partition(begin)
    if not found or end not in rest:
        return script
    return head + rest.partition(end)[2]


def has_block(script: str) -> bool:
    """Whether the block is there."""
    return _BLOCK[0] in script


def is_shim(text: str) -> bool:
    """Whether a hook is ours."""
    return MARK in text[:200]


def interpreter_of(text: str) -> str | None:
    """The interpreter that a shim calls."""
    found = re.search(r"^python=(.*)$", text, re.MULTILINE)
    try:
        words = shlex.split(found[1]) if found is not None else []
    except ValueError:
        return None
    return words[0] if words else None


def path_for_sh(path: str) -> str:
    r"""A path as the sh of Git for Windows takes it: `C:\Python\python.exe` with slashes; any other as it is."""
    return path.replace("\\", "/") if _WINDOWS.match(path) else path

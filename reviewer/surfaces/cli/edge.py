"""The one place where errors become exit codes, and where the process ends.

Exit codes: 0 fine; 1 the review found something at or above --fail-on; 2 wrong usage or unreadable input; 3 the review
could not be completed. Where both 1 and 3 hold it is 1: a finding that blocks stays one, whatever else was not checked,
and the report says so anyway. Ctrl-C ends with 130.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NoReturn

from reviewer.domain.deadline import AGAINST_THE_CLOCK
from reviewer.errors import ReviewerError
from reviewer.surfaces.cli.terminal import tell

INTERRUPTED = 130
INCOMPLETE = 3
USAGE = 2
_HOOKS = (["run"], ["pre-commit"])
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def prepare() -> None:
    """Before the work: syntax trees are many small objects without cycles; looking for some took a tenth of a push.

    What has been imported stays to the end, and need not be looked through again.
    """
    gc.enable()
    gc.freeze()
    gc.set_threshold(300_000, 50, 100)


def end(code: int, *, at_once: bool = False) -> NoReturn:
    """End the process.

    Args:
        code: its exit status.
        at_once: without the interpreter's own farewell, which takes apart what the system takes back anyway. For what
            has left nothing to whoever registered with `atexit`.
    """
    # The interpreter would look through all objects once more before it ends.
    gc.freeze()
    # It would also wait for a parser that answers nobody any more.
    if at_once or any(thread.name == AGAINST_THE_CLOCK for thread in threading.enumerate()):
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


def guarded(work: Callable[[], object], arguments: Sequence[str]) -> int:
    """Do the work of a command.

    Args:
        work: the command; what it returns is the exit code, where that is a number.
        arguments: those after the program's name.

    Returns:
        The exit code. No exception leaves this function: a person gets one line, and a traceback only with
        REVIEWER_DEBUG=1 in the environment.
    """
    try:
        code = work()
    except ReviewerError as error:
        tell(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        code = INTERRUPTED
    except OSError as error:
        if error.errno not in _NO_ROOM:
            return _own_fault(error, arguments)
        tell(f"{error.strerror}; free the disk")
        return INCOMPLETE
    except Exception as error:  # noqa: BLE001 (the one boundary: whatever is left is a fault of this program)
        return _own_fault(error, arguments)
    if code == INTERRUPTED:
        tell("interrupted; nothing was written")
    return code if isinstance(code, int) else 0


def _own_fault(error: Exception, arguments: Sequence[str]) -> int:
    if os.environ.get("REVIEWER_DEBUG") == "1":
        import traceback

        traceback.print_exception(error)
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    place = f" at {at.tb_frame.f_globals.get('__name__', '?')}:{at.tb_lineno}" if at is not None else ""
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    tell(f"this is a bug in reviewer{place}: {reason[:200]}; REVIEWER_DEBUG=1 shows where, please report it")
    # Whoever calls a hook without the shim would take a fault for a verdict. The shim tells them apart by --stop-code.
    if arguments[:1] == ["hook"] and arguments[1:2] in _HOOKS and not {"--strict", "--stop-code"} & set(arguments):
        tell("so it goes through without a review")
        return 0
    return INCOMPLETE

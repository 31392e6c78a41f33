"""Where the program starts: `reviewer` and `python -m reviewer` are the same."""

import gc
import os
import sys


def start() -> None:
    """Run the program; Ctrl-C while it is still being imported ends it as quietly as later."""
    # A process that this one starts must not look for modules where it is started: where processes are not forked, a
    # `multiprocessing.py` in the reviewed repository would be run.
    os.environ["PYTHONSAFEPATH"] = "1"
    gc.disable()  # while modules are loaded, which leave nothing behind; `edge.prepare` sets it going
    try:
        if sys.argv[1:3] == ["hook", "run"]:
            from reviewer.surfaces.hook.shortcut import answer  # noqa: PLC0415 - as below, and far smaller

            code = answer(sys.argv[3:])
            if code is not None:
                _end(code)
        from reviewer.surfaces.cli.main import run  # noqa: PLC0415 - what takes time is under the handler

        run()
    except KeyboardInterrupt:
        sys.stderr.write("reviewer: interrupted; nothing was written\n")
        sys.exit(130)


def _end(code: int) -> None:
    if "reviewer.surfaces.cli.edge" not in sys.modules:
        sys.exit(code)
    from reviewer.surfaces.cli.edge import end  # noqa: PLC0415 - only after a review

    end(code, at_once=True)


if __name__ == "__main__":
    start()

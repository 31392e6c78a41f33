"""Where the program starts: `reviewer` and `python -m reviewer` are the same."""

import sys


def start() -> None:
    """Run the program; Ctrl-C while it is still being imported ends it as quietly as later."""
    try:
        from reviewer.surfaces.cli.main import run  # noqa: PLC0415 - what takes time is under the handler

        run()
    except KeyboardInterrupt:
        sys.stderr.write("reviewer: interrupted; nothing was written\n")
        sys.exit(130)


if __name__ == "__main__":
    start()

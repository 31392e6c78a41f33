"""`python -m reviewer` is `reviewer`."""

from reviewer.surfaces.cli.main import run

if __name__ == "__main__":
    run()

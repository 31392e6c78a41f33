"""`reviewer completion`: what a shell needs to complete commands and options.

The shell calls the program itself with a variable in the environment; what that loads, no other start has to load.
"""

from __future__ import annotations

from typing import Annotated

import typer

from reviewer.errors import UsageError
from reviewer.surfaces.cli.terminal import emit

VARIABLE = "_REVIEWER_COMPLETE"
"""Set by the shell when it asks for words."""
_SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")


def command(shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh, fish, powershell or pwsh.")]) -> int:
    """Print the lines that teach a shell the commands, for example 'eval "$(reviewer completion bash)"' in ~/.bashrc.

    For zsh: 'reviewer completion zsh > ~/.zfunc/_reviewer', with ~/.zfunc in fpath before compinit. For fish: 'reviewer
    completion fish > ~/.config/fish/completions/reviewer.fish'.
    """
    if shell not in _SHELLS:
        raise UsageError(f"completion {shell}: take one of {', '.join(_SHELLS)}")
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    emit(get_completion_script(prog_name="reviewer", complete_var=VARIABLE, shell=shell) + "\n")
    return 0


def prepare() -> None:
    """Make the program answer a shell that asks for words."""
    from typer.completion import completion_init  # type: ignore[attr-defined]

    completion_init()

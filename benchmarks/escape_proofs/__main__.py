"""Show by running which exceptions leave the functions of escapes.json: each proof injects one fault into the real one.

usage: python -m benchmarks.escape_proofs --mirror DIR --python INTERPRETER

DIR holds bare clones as OWNER+NAME/repo; INTERPRETER belongs to an environment of its own in which the projects are
installed with what they need. Each project is unpacked at its commit into a temporary directory and run from there in
a process of its own. Printed is one line for what a proof shows: function, `leaves` or `not_leaving`, exception. Where
a proof does not hold, or a label says `run` and no proof shows it, the program ends with 1.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import tempfile
from pathlib import Path

from benchmarks.escape_proofs.checkout import environment, unpack
from benchmarks.escape_proofs.proving import Proof, judge

LABELS = Path(__file__).parent.with_name("escapes.json")


def main() -> int:
    """Run all proofs, each project in its own process, and compare them with the labels."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mirror", type=Path)
    parser.add_argument("--python", type=Path)
    parser.add_argument("--inside", help="run the proofs of this repository in this process")
    options = parser.parse_args()
    if options.inside:
        return show(options.inside)
    if not options.mirror or not options.python:
        parser.error("--mirror and --python are needed")
    labels = json.loads(LABELS.read_text())
    failed = False
    shown: set[tuple[str, ...]] = set()
    for repository, where in labels["repositories"].items():
        with tempfile.TemporaryDirectory() as root:
            unpack(options.mirror, repository, where["commit"], Path(root))
            done = subprocess.run(
                [options.python.absolute(), "-W", "ignore", "-m", "benchmarks.escape_proofs", "--inside", repository],
                env=environment(Path(root) / where["source"]),
                cwd=root,
                stdout=subprocess.PIPE,
                text=True,
                check=False,
            )
        print(done.stdout, end="")
        failed |= done.returncode != 0
        shown |= {tuple(line.split()) for line in done.stdout.splitlines() if ":" not in line}
    claimed = {
        (function["function"], kind, label["exception"])
        for function in labels["functions"]
        for kind in ("leaves", "not_leaving")
        for label in function[kind]
        if label["proof"] == "run"
    }
    for missing in sorted(claimed - shown):
        print("labelled as run, without a proof:", *missing)
    print(f"{len(shown)} exceptions of {len({line[0] for line in shown})} functions shown by running")
    return 1 if failed or claimed - shown else 0


def show(repository: str) -> int:
    """Run the proofs of one repository and print what they show; 1 when one does not hold."""
    module = repository.replace("/", "_").replace("-", "_")
    proofs: tuple[Proof, ...] = importlib.import_module(f"benchmarks.escape_proofs.{module}").PROOFS
    failed = 0
    for proof in proofs:
        wrong = judge(proof)
        if wrong:
            failed = 1
            print(f"does not hold: {proof.function}, {proof.leaves or 'returns'}: {wrong}")
            continue
        if proof.leaves:
            print(proof.function, "leaves", proof.leaves)
        for name in (*proof.translated, *proof.passed_over):
            print(proof.function, "not_leaving", name)
    return failed


if __name__ == "__main__":
    raise SystemExit(main())

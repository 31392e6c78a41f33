"""What a model reads for the review of real changes, beside what pr-agent has it read for the same.

usage: python -m benchmarks.tokens CLEAN.json --mirror DIR --encodings DIR [--pr-agent PROGRAM] [--diffs N]

Every program is run as a person runs it, in a clone that stands at the commit, and asks one server on loopback, which
counts the text of all messages with one tokenizer (o200k_base). Both see the same diff: the Python files of the commit.
`schema` is what the form of the answer adds where it is sent beside the messages; pr-agent has its form in the
messages. The commits are taken by their place in the list, and nothing of them is looked at before.

The server's answers to our questions and to pr-agent's `/improve` hold one suggestion each, so that the second
question, in which it is sent again with the code, is asked, and is as small as it gets. All retries would be counted.

`--encodings` is a folder in the form of TIKTOKEN_CACHE_DIR with o200k_base in it; litellm, which comes with pr-agent,
has one: litellm/litellm_core_utils/tokenizers.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.workload import reviewer
from tests.llm.scripted_server import COMPLETIONS, Answer, Recorded, ScriptedServer

Count = Callable[[str], int]
"""Tokens of a text."""
_PYTHON = "*.py"
_FILE = re.compile(r"## File: '(.+?)'")


@dataclass(frozen=True)
class Read:
    """What a model read for one command.

    Attributes:
        calls: questions.
        tokens: of the text of their messages.
        schema: of the forms of answers sent beside them.
    """

    calls: int = 0
    tokens: int = 0
    schema: int = 0

    def __add__(self, other: Read) -> Read:
        return Read(self.calls + other.calls, self.tokens + other.tokens, self.schema + other.schema)


@dataclass(frozen=True)
class Measured:
    """One change.

    Attributes:
        repository, commit: which.
        lines: added and removed ones.
        ours: what was read for our review.
        review, improve: what was read for pr-agent's; None where it was not run.
    """

    repository: str
    commit: str
    lines: int
    ours: Read
    review: Read | None = None
    improve: Read | None = None


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clean", type=Path, help="a list of commits, each with `repo` and `commit`")
    parser.add_argument("--mirror", type=Path, required=True, help="bare clones: OWNER+NAME/repo")
    parser.add_argument("--encodings", type=Path, required=True)
    parser.add_argument("--pr-agent", type=Path, help="its program, of an environment of its own")
    parser.add_argument("--diffs", type=int, default=20)
    options = parser.parse_args(arguments)
    entries = thinned(json.loads(options.clean.read_text()), options.diffs)
    bench = Bench(
        options.mirror,
        tokenizer(options.encodings),
        options.pr_agent and options.pr_agent.absolute(),
        options.encodings,
    )
    print(table([bench.measure(entry["repo"], entry["commit"]) for entry in entries]))
    return 0


def thinned(entries: Sequence[Any], count: int) -> list[Any]:
    """So many entries, evenly spread over the list."""
    return [entries[index * len(entries) // count] for index in range(min(count, len(entries)))]


def tokenizer(encodings: Path) -> Count:
    """Counts tokens as o200k_base makes them."""
    import tiktoken  # noqa: PLC0415 (tests count otherwise)

    os.environ["TIKTOKEN_CACHE_DIR"] = str(encodings.resolve())
    encoding = tiktoken.get_encoding("o200k_base")
    return lambda text: len(encoding.encode(text, disallowed_special=()))


class Bench:
    """Runs the programs against a server of its own.

    Args:
        mirror: folder of the bare clones.
        count: the tokenizer.
        agent: pr-agent's program; None to leave it out.
        encodings: the tokenizers for pr-agent, which else tries to load them from elsewhere.
    """

    def __init__(self, mirror: Path, count: Count, agent: Path | None, encodings: Path) -> None:
        self._mirror = mirror
        self._count = count
        self._agent = agent
        self._encodings = encodings

    def measure(self, repository: str, commit: str) -> Measured:
        """Review one commit with every program."""
        with tempfile.TemporaryDirectory(prefix="reviewer-tokens-") as folder:
            clone = Path(folder, "clone")
            source = (self._mirror / repository.replace("/", "+", 1) / "repo").resolve()
            _run(["git", "clone", "--quiet", "--shared", "--no-checkout", str(source), str(clone)])
            _run(["git", "-C", str(clone), "checkout", "--quiet", "--detach", commit])
            diff = _run(["git", "-C", str(clone), "diff", f"{commit}^", commit, "--", _PYTHON])
            ours = self._ours(clone, commit)
            review = improve = None
            if self._agent is not None:
                review, improve = (self._theirs(clone, diff, task) for task in ("review", "improve"))
        changed = [row for row in diff.split(b"\n") if row[:1] in (b"+", b"-") and row[:4] not in (b"+++ ", b"--- ")]
        return Measured(repository, commit, len(changed), ours, review, improve)

    def _ours(self, clone: Path, commit: str) -> Read:
        options = ("--base", f"{commit}^", "--head", commit, "--path", _PYTHON, "--model", "openai:fake")
        command = reviewer("review", "--repo", str(clone), *options, "--fail-on", "never", "--format", "json")
        with ScriptedServer(Answer(_ours)) as server:
            report = json.loads(_run(command, OPENAI_BASE_URL=f"{server.url}/v1", REVIEWER_CACHE="off"))
            read = self._counted(server.requests)
        if report["usage"]["model_calls"] != read.calls:
            raise SystemExit(f"{commit}: the report tells of {report['usage']['model_calls']} calls, not {read.calls}")
        return read

    def _theirs(self, clone: Path, diff: bytes, task: str) -> Read:
        """Raises SystemExit where nothing was asked: then the program failed, whatever its exit code."""
        with ScriptedServer(Answer(_theirs)) as server, tempfile.TemporaryDirectory() as out:
            _run(
                [str(self._agent), "--stdin", "--output", f"{out}/said.md", task],
                diff,
                clone,
                CONFIG__CUSTOM_MODEL_MAX_TOKENS="32000",
                CONFIG__FALLBACK_MODELS='["openai/fake-model"]',
                CONFIG__MODEL="openai/fake-model",
                LITELLM_LOCAL_MODEL_COST_MAP="True",
                OPENAI__API_BASE=f"{server.url}/v1",
                OPENAI__KEY="x",
                TIKTOKEN_CACHE_DIR=str(self._encodings.resolve()),
            )
            read = self._counted(server.requests)
        if not read.calls:
            raise SystemExit(f"{self._agent} {task} asked nothing")
        return read

    def _counted(self, requests: Iterable[Recorded]) -> Read:
        read = Read()
        for request in requests:
            texts, form = spoken(request.json)
            schema = self._count(json.dumps(form)) if form is not None else 0
            read += Read(1, sum(self._count(text) for text in texts), schema)
        return read


def spoken(body: dict[str, Any]) -> tuple[list[str], Any]:
    """The text of all messages of a request, and the form of the answer where it is sent beside them."""
    if "messages" in body:
        form = body.get("response_format")
        return [_text(message["content"]) for message in body["messages"]], form
    form = body.get("text", {}).get("format")
    return [body.get("instructions") or "", _text(body["input"])], form


def table(rows: Sequence[Measured]) -> str:
    """The figures, a change a line, and their sums."""
    shown = ["| change | lines | calls | tokens | schema | /review | /improve |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        theirs = [str(read.tokens) if read is not None else "–" for read in (row.review, row.improve)]
        ours = row.ours
        cells = (f"{row.repository} {row.commit[:8]}", row.lines, ours.calls, ours.tokens, ours.schema, *theirs)
        shown.append(f"| {' | '.join(str(cell) for cell in cells)} |")
    ours = sum((row.ours for row in rows), Read())
    asked = [row for row in rows if row.ours.calls]
    shown += ["", f"ours: {ours.calls} calls, {ours.tokens} tokens, with the schema {ours.tokens + ours.schema}; "
                  f"{len(rows) - len(asked)} of {len(rows)} changes without a question"]  # fmt: skip
    pairs = [(row, row.review, row.improve) for row in rows if row.review is not None and row.improve is not None]
    if pairs:
        review = sum((review for _, review, _ in pairs), Read())
        improve = sum((improve for _, _, improve in pairs), Read())
        both = review + improve
        shown += [
            f"/review: {review.calls} calls, {review.tokens} tokens; /improve: {improve.calls} calls, "
            f"{improve.tokens} tokens",
            f"ours to /review: {_ratio(ours, review)}; to /review + /improve: {_ratio(ours, both)}; no more than "
            f"/review on {sum(row.ours.tokens <= review.tokens for row, review, _ in pairs)} of {len(pairs)} changes",
        ]
    return "\n".join(shown)


def _ratio(ours: Read, theirs: Read) -> str:
    whole = (ours.tokens + ours.schema) / (theirs.tokens + theirs.schema)
    return f"{ours.tokens / theirs.tokens:.2f} ({whole:.2f} with the schema)"


def _text(content: Any) -> str:
    """Text of a message: a string, or parts or messages that hold it."""
    if isinstance(content, str):
        return content
    return "\n".join(_text(part.get("text", part.get("content", ""))) for part in content)


def _ours(request: Recorded) -> str:
    """An answer that the reviewer takes: one suspicion for each question, so that it is looked at again."""
    asked = "\n".join(spoken(request.json)[0])
    if re.search(r"^Findings:\n- F1 ", asked, re.MULTILINE):
        return json.dumps({"sentences": [{"text": "It fails.", "about": ["F1"]}]})
    suspicions = re.findall(r"^- (u\w+-\d+) at (\d+) \[", asked, re.MULTILINE)
    if suspicions:
        closed = [
            {"id": name, "against": "", "verdict": "later", "reason": "", "line": int(line)}
            for name, line in suspicions
        ]
        return json.dumps({"suspicions": closed})
    said = dict.fromkeys(("calls", "unavailable", "throws", "inputs"), "")
    units = re.findall(r"^## Unit (u\w+)$", asked, re.MULTILINE)
    scenario = {"trigger": "It is empty.", "effect": "It fails.", "noticed": "", "advice": "Check it.", "against": ""}
    first = re.search(r"^## Unit (u\w+)$.*?^ *(\d+) \+\| ([^\n]*\S)$", asked, re.MULTILINE | re.DOTALL)
    missed = []
    if first is not None:
        place = {"unit": first[1], "line": int(first[2]), "statement": first[3]}
        missed = [{**place, "failure": "wrong-assumption", "likely": 50, **scenario}]
    return json.dumps({"findings": [], "units": [{"id": unit, **said} for unit in units], "missed": missed})


def _theirs(request: Recorded) -> str:
    """An answer that pr-agent takes, whatever it asks."""
    if not request.path.startswith(COMPLETIONS):
        return ""
    asked = "\n".join(spoken(request.json)[0])
    files = _FILE.findall(asked)  # those before the last one are examples
    suggestion = {
        "relevant_file": files[-1] if files else "a.py",
        "language": "python",
        "existing_code": "pass",
        "suggestion_content": "Say more.",
        "improved_code": "return",
        "one_sentence_summary": "Say more",
        "label": "possible issue",
    }
    scored = {
        "suggestion_summary": "Say more",
        "relevant_file": suggestion["relevant_file"],
        "relevant_lines_start": 1,
        "relevant_lines_end": 1,
        "suggestion_score": 7,
        "why": "It helps.",
    }
    review = {
        "estimated_effort_to_review_[1-5]": "2",
        "relevant_tests": "No",
        "key_issues_to_review": [],
        "security_concerns": "No",
    }
    # JSON is YAML.
    form = {"code_suggestions": [{**suggestion, **scored}], "review": review}
    return f"```yaml\n{json.dumps(form, indent=2)}\n```"


def _run(command: Sequence[str], given: bytes = b"", directory: Path | None = None, **environment: str) -> bytes:
    done = subprocess.run(
        command, input=given, cwd=directory, env={**os.environ, **environment}, capture_output=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr.decode('utf-8', 'replace')[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())

"""Mark of work in progress that stays when the work fails.

An attribute or global is set to True, something is done that may fail, and only then it is set back to False, with no
`finally` and no handler that does so.

It is loud where the function itself looks at the mark first, so that the next call turns back; quiet where others do,
or where nothing is known of the work.

Why: After one failure the mark says for ever that the work is under way: every later call returns at once, and only a
restart of the process helps.

Instead: Set it back in a `finally`; or use a lock that the block releases.

Source: https://docs.python.org/3/reference/compound_stmts.html#the-try-statement
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Context, Store, Unit, Usage
from reviewer.domain.finding import Confidence, Finding, Question, Severity
from reviewer.flow.risk import open_risks

QUESTION = Question.THROWS
SEVERITY = Severity.MEDIUM

BAD = (
    """
class Sync:
    async def run(self):
        if self.running:
            return
        self.running = True  #!
        await self.client.pull()
        self.running = False
""",
    """
import requests

loading = False

def refresh(url):
    global loading
    if not loading:
        loading = True  #!
        answer = requests.get(url, timeout=5)
        loading = False
        return answer
""",
    """
class Sync:
    def start(self):
        if not self.busy:
            self.run()

    def run(self):
        self.busy = True  #~
        self.client.pull()
        self.busy = False

    async def pull(self):
        if self.pulling:
            return
        self.pulling = True  #!
        await self.client.pull()
        self.pulling = False
""",
)
GOOD = (
    """
class Sync:
    async def run(self):
        if self.running:
            return
        self.running = True
        try:
            await self.client.pull()
        finally:
            self.running = False
""",
    """
class Sync:
    async def run(self):
        if self.running:
            return
        self.running = True
        try:
            await self.client.pull()
        except Exception:
            self.running = False
            raise
        self.running = False
""",
    """
class Sync:
    async def run(self):
        self.seen = True
        await self.client.pull()
        self.seen = False
        if self.counting:
            return
        self.counting = True
        self.count += 1
        self.counting = False
""",
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find marks that are set and taken away around what may fail."""
    if view.is_test:
        return
    tested: set[str] = set()
    open_marks: dict[str, tuple[Store, Call | None, bool]] = {}
    kept = {
        fact.target
        for fact in view.unit.facts
        if isinstance(fact, Store) and fact.context.inside("handler", "finally") is not None
    }
    for fact in view.unit.facts:
        if isinstance(fact, Usage) and fact.operation == "test" and fact.detail == "truthy":
            tested.add(fact.subject.text)
        elif isinstance(fact, Store) and fact.kind in ("attribute", "global") and fact.target not in kept:
            if fact.value.literal == "True":
                open_marks[fact.target] = (fact, None, fact.target in tested)
                continue
            mark, culprit, looked = open_marks.pop(fact.target, (None, None, False))
            if mark is None or culprit is None or fact.value.literal != "False":
                continue
            if fact.context.function == mark.context.function and (looked or _tested_elsewhere(view, mark.target)):
                yield _finding(view, rule, mark, culprit, loud=looked)
        elif isinstance(fact, Call) and not _is_protected(fact.context):
            for target, (mark, known, looked) in open_marks.items():
                if known is None or (_is_sure(view, fact) and not _is_sure(view, known)):
                    open_marks[target] = (mark, fact, looked) if _may_fail(view, fact) else (mark, known, looked)


def _may_fail(view: View, call: Call) -> bool:
    return _is_sure(view, call) or (call.known is None and (call.callee is None or call.callee.startswith(".")))


def _is_sure(view: View, call: Call) -> bool:
    return call.awaited or any(not risk.rare for risk in open_risks(call, view.flow))


def _is_protected(context: Context) -> bool:
    return any(attempt.handlers for attempt in context.tries)


def _tested_elsewhere(view: View, target: str) -> bool:
    """Another function of the same class, or of the file for a global, looks at the mark."""
    owner = view.unit.name.rpartition(".")[0]
    return any(_tests(peer, target) for peer in view.peers if peer.name.rpartition(".")[0] == owner)


def _tests(unit: Unit, target: str) -> bool:
    return any(
        isinstance(fact, Usage) and fact.operation == "test" and fact.subject.text == target for fact in unit.facts
    )


def _finding(view: View, rule: Rule, mark: Store, culprit: Call, *, loud: bool) -> Finding:
    sure = _is_sure(view, culprit)
    return rule.finding(
        view,
        mark,
        f"{mark.target} stays True when {culprit.text}() fails{' or is cancelled' if culprit.awaited else ''}",
        severity=None if loud and sure else Severity.LOW,
        confidence=Confidence.HIGH if loud and sure else Confidence.MEDIUM,
        evidence=(rule.at(view, culprit, f"when {culprit.text}() raises here, nothing sets it back"),),
    )

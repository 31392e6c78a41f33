"""What users of other review tools complain of, shown to be impossible from the webhook to what stands on GitHub.

The ten are those that recur in the issue threads of such tools; a test is named after each. What posting alone can show
stands in `tests/posting/test_complaints.py`.
"""

from __future__ import annotations

import threading

from reviewer.posting.marker import read_findings
from tests.forges.loopback import Fault
from tests.jobs.processes import wait_for
from tests.service.world import CALL, CALM, World

FUNCTION = "import requests\n\n\ndef {name}(url):\n    return requests.get(url).json()['id']\n"


def told(world: World) -> list[str]:
    """Findings that comments tell of, one for each time."""
    marks = [read_findings(thread.comments[0].body) for thread in world.github.published()]
    return [name for mark in marks if mark for name in mark.fingerprints]


def test_1_the_same_comment_on_every_push(world: World) -> None:
    """Over pushes, a force-push, redelivered webhooks and two deliveries at once: each finding is told once."""
    first = world.begin({"one.py": FUNCTION.format(name="one")})
    world.told("pull_request", world.pull_request("opened"), delivery="complaint-1")
    before = told(world)
    assert before
    again = world.hook("pull_request", world.pull_request("opened"), delivery="complaint-1")
    assert again.json()["result"] == "repeated"
    world.push({"calm.py": CALM})
    world.told("pull_request", world.pull_request())
    world.shop.git("reset", "-q", "--hard", f"{first}~1")
    world.push({"one.py": "# moved\n\n" + FUNCTION.format(name="one")})
    bodies = [world.pull_request(), world.pull_request("reopened")]
    threads = [threading.Thread(target=world.hook, args=("pull_request", body)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.settle()
    assert sorted(told(world)) == sorted(before)
    assert len(world.github.summaries()) == 1


def test_2_noise(world: World) -> None:
    """Silence is a result: a change with nothing to say gets a check and no comment."""
    world.begin({"calm.py": CALM})
    world.told("pull_request", world.pull_request("opened"))
    assert (told(world), world.github.summaries(), world.verdict()) == ([], [], "success")


def test_3_a_dismissal_that_is_not_remembered(world: World) -> None:
    """A waiver in a reply holds in the next push, and in the next pull request of the same code."""
    world.begin({"three.py": FUNCTION.format(name="three")})
    world.told("pull_request", world.pull_request("opened"))
    for thread in world.github.published():
        world.github.reply(thread, "maintainer", "/reviewer waive it is a job that may wait")
    world.told("pull_request_review_comment", world.comment("maintainer", "/reviewer waive it is a job that may wait"))
    world.push({"calm.py": CALM})
    world.told("pull_request", world.pull_request())
    assert world.verdict() == "success"
    world.begin({"three.py": FUNCTION.format(name="three")})
    world.told("pull_request", world.pull_request("opened"))
    assert (told(world), world.verdict()) == ([], "success")


def test_4_stale_threads_and_endless_rounds(world: World) -> None:
    """Everything is told in round one, and what is mended is resolved."""
    world.begin({"four.py": FUNCTION.format(name="four")})
    world.told("pull_request", world.pull_request("opened"))
    first = told(world)
    world.push({"calm.py": CALM})
    world.told("pull_request", world.pull_request())
    assert told(world) == first
    world.push({"four.py": CALM})
    world.told("pull_request", world.pull_request())
    assert all(thread.resolved for thread in world.github.published())
    assert world.verdict() == "success"


def test_5_a_wrong_line_or_a_lost_comment(world: World) -> None:
    """GitHub refuses a line once: the finding is told all the same, and nothing stands on a line that is not ours."""
    world.begin({"five.py": FUNCTION.format(name="five")})
    refused = {"message": "Unprocessable Entity", "errors": ["line must be part of the diff"]}
    world.github.faults.append(Fault("POST", "/pulls/7/reviews$", 422, times=1, body=refused))
    world.told("pull_request", world.pull_request("opened"))
    source = FUNCTION.format(name="five").splitlines()
    for path, line in world.lines():
        assert path == "five.py"
        assert line is None or "requests.get" in source[line - 1]
    (newest, *_) = world.reviews()
    report = world.client.get(f"/v1/reviews/{newest['id']}").json()
    loud = {one["id"] for one in report["findings"] if one["severity"] != "low"}
    assert loud
    assert loud <= {*told(world)} | {one for one in loud if one[:12] in world.github.summaries()[0]}


def test_6_opaque_cost(world: World) -> None:
    """A newer push ends the review of the older, nobody is asked who was not named, and every report tells what it cost."""
    older = world.begin({"six.py": FUNCTION.format(name="six")})
    assert world.hook("pull_request", world.pull_request("opened")).status_code == 202
    wait_for(lambda: world.reviews()[0]["head"] == older)
    world.push({"calm.py": CALM})
    assert world.hook("pull_request", world.pull_request()).status_code == 202
    world.settle()
    states = {one["head"]: one["state"] for one in world.reviews()[:2]}
    assert states[world.head] == "done"
    assert states[older] in ("superseded", "done")
    usage = world.client.get(f"/v1/reviews/{world.reviews()[0]['id']}").json()["usage"]
    assert (usage["model_calls"], usage["cost_usd"]) == (0, 0.0)


def test_7_a_false_green(world: World) -> None:
    """A file that cannot be read makes the review partial, and the check asks for action."""
    world.begin({"calm.py": CALM, "broken.py": "def broken(:\n"})
    world.told("pull_request", world.pull_request("opened"))
    assert world.verdict() in ("action_required", "failure")
    assert "broken.py" in world.github.summaries()[0]


def test_8_claims_about_unseen_code(world: World) -> None:
    """Every path and line that is told is one of the head."""
    world.begin({"eight.py": FUNCTION.format(name="eight")})
    world.told("pull_request", world.pull_request("opened"))
    report = world.client.get(f"/v1/reviews/{world.reviews()[0]['id']}").json()
    for finding in report["findings"]:
        lines = world.shop.git("show", f"{world.head}:{finding['path']}").splitlines()
        assert 1 <= finding["line"] <= len(lines)


def test_9_untrusted_text_and_tokens_of_forks(world: World) -> None:
    """Settings of the pull request itself count for nothing, and a token that may not write loses no review."""
    world.begin({"nine.py": CALL, "pyproject.toml": '[tool.reviewer]\nfail-on = "never"\nignore = ["no-timeout"]\n'})
    world.github.accounts["t0ken"].rights.clear()
    try:
        world.told("pull_request", world.pull_request("opened"))
    finally:
        world.github.accounts["t0ken"].rights |= {"pulls", "checks", "statuses", "resolve", "deployments"}
    (newest, *_) = world.reviews()
    assert newest["state"] == "done"
    assert "not posted" in newest["posted"]["note"]
    world.told("pull_request_review_comment", world.comment("maintainer", "/reviewer review"))
    assert told(world)


def test_10_suggestions_that_break_code(world: World) -> None:
    """Whatever is offered to be applied by one click parses once it is applied."""
    source = (
        "import logging\n\nimport requests\n\nlog = logging.getLogger(__name__)\n\n\n"
        "def ten(url):\n    try:\n        return requests.get(url, timeout=3).json()\n"
        "    except requests.RequestException:\n        return None\n"
    )
    world.begin({"ten.py": source})
    world.told("pull_request", world.pull_request("opened"))
    for thread in world.github.published():
        comment = thread.comments[0]
        _, mark, rest = comment.body.partition("```suggestion\n")
        if mark:
            first, last = comment.place.get("start_line", comment.place["line"]), comment.place["line"]
            lines = source.splitlines()
            lines[first - 1 : last] = rest.partition("\n```")[0].split("\n")
            compile("\n".join(lines), "ten.py", "exec")

"""Jobs that run at their time: APScheduler, schedule, sched.

APScheduler logs what a job raises and runs it again at its next time. `schedule` lets it out of `run_pending()`, and
`sched` out of `run()`: without a handler there the loop around it ends, and with it every other job.

Source: https://apscheduler.readthedocs.io/en/3.x/userguide.html#scheduler-events,
https://schedule.readthedocs.io/en/stable/exception-handling.html, https://docs.python.org/3/library/sched.html
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.domain.boundary import Boundary, Ending
from reviewer.flow.boundaries.entry import Candidate, Example

_LOGGED = Ending("the scheduler logs it and runs the job again at its next time", "lost")
_OUT_OF_PENDING = Ending("raised out of schedule.run_pending(): the loop around it ends, all jobs with it", "ends")
_OUT_OF_RUN = Ending("raised out of the scheduler's run(): the events after it wait", "ends")

EXAMPLES = (
    Example(
        """
from apscheduler.schedulers.background import BackgroundScheduler

scheduler = BackgroundScheduler()

def refresh():
    load()

scheduler.add_job(refresh, "interval", minutes=5)
""",
        "refresh",
        "schedule",
        "job refresh",
        {"OSError": ("the scheduler logs it and runs the job again at its next time", "lost")},
    ),
    Example(
        """
import schedule

def refresh():
    load()

schedule.every(10).minutes.do(refresh)
""",
        "refresh",
        "schedule",
        "job refresh",
        {
            "OSError": (
                "raised out of schedule.run_pending(): the loop around it ends, all jobs with it",
                "ends",
            )
        },
    ),
)


def find(candidate: Candidate) -> Iterator[Boundary]:
    """The scheduled job that a function is."""
    file = candidate.file
    name = f"job {candidate.name}"
    for decorator in candidate.decorators:
        if decorator.method == "scheduled_job":
            yield Boundary("schedule", "APScheduler", name, decorator.line, _LOGGED)
        elif decorator.method == "repeat" and decorator.symbol == "schedule.repeat":
            yield Boundary("schedule", "schedule", name, decorator.line, _OUT_OF_PENDING)
    for handed in candidate.handed:
        site = handed.site
        if handed.called:
            continue
        if site.method == "add_job" and handed.for_parameter("func", 0):
            yield Boundary("schedule", "APScheduler", name, site.line, _LOGGED)
        elif site.method == "do" and handed.for_parameter("job_func", 0) and file.imports("schedule"):
            yield Boundary("schedule", "schedule", name, site.line, _OUT_OF_PENDING)
        elif site.method in ("enter", "enterabs") and handed.for_parameter("action", 2) and file.imports("sched"):
            yield Boundary("schedule", "sched", name, site.line, _OUT_OF_RUN)

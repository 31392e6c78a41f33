"""Tasks of Airflow.

A task that raises is tried again as often as `retries` says, of the task or of the DAG's `default_args` (none by
default, unless the installation's configuration says otherwise), then failed, and what depends on it is not run.
AirflowFailException fails at once, AirflowSkipException skips.

Source: https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/tasks.html,
https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/tasks.html#special-exceptions
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from reviewer.domain.boundary import Boundary, Clause, Ending
from reviewer.flow.boundaries.entry import Candidate, Example
from reviewer.flow.boundaries.registration import Registrations
from reviewer.flow.boundaries.site import Arguments

_FAILED = Ending("the task is marked failed and what depends on it is not run; nothing retries it", "failed")
_AT_ONCE = Ending("the task is marked failed at once, whatever its retries", "failed", intended=True)
_SKIPPED = Ending("the task is marked skipped", "failed", intended=True)
_HOMES = ("airflow.exceptions", "airflow.sdk.exceptions", "airflow.sdk")
_SPECIAL = (
    (
        Clause(tuple(f"{home}.AirflowFailException" for home in _HOMES), _AT_ONCE),
        Clause(tuple(f"{home}.AirflowSkipException" for home in _HOMES), _SKIPPED),
    ),
)

EXAMPLES = (
    Example(
        """
from airflow.decorators import dag, task

@task(retries=2)
def load():
    read()
""",
        "load",
        "task",
        "task load",
        {
            "OSError": ("retried twice by Airflow, then marked failed", "retried"),
            "airflow.exceptions.AirflowFailException": (
                "the task is marked failed at once, whatever its retries",
                "failed",
            ),
        },
    ),
    Example(
        """
from airflow import DAG
from airflow.operators.python import PythonOperator

default_args = {"retries": 1}

def load():
    read()

with DAG("orders", default_args=default_args) as dag:
    PythonOperator(task_id="load_orders", python_callable=load)
""",
        "load",
        "task",
        "task load_orders",
        {"OSError": ("retried once by Airflow, then marked failed", "retried")},
    ),
    Example(
        """
from airflow.models import BaseOperator

class Load(BaseOperator):
    def execute(self, context):
        read()
""",
        "Load.execute",
        "task",
        "task Load",
        {
            "OSError": (
                "the task is marked failed and what depends on it is not run; nothing retries it",
                "failed",
            )
        },
    ),
)


def find(candidate: Candidate) -> Iterator[Boundary]:
    """The Airflow task that a function is."""
    file = candidate.file
    if not file.imports("airflow"):
        return
    for decorator in candidate.decorators:
        if decorator.symbol.startswith(("airflow.decorators.task", "airflow.sdk.task")):
            name = f"task {decorator.arguments.text('task_id') or candidate.method}"
            yield Boundary("task", "Airflow", name, decorator.line, _ending(file, decorator.arguments), _SPECIAL)
    if candidate.method == "execute" and any(
        base.startswith("airflow.") and base.endswith(("Operator", "Sensor")) for base in candidate.bases
    ):
        ending = _ending(file, Arguments(None))
        yield Boundary("task", "Airflow", f"task {candidate.owner}", candidate.line, ending, _SPECIAL)
    for handed in candidate.handed:
        if handed.keyword == "python_callable":
            name = f"task {handed.site.arguments.text('task_id') or candidate.method}"
            ending = _ending(file, handed.site.arguments)
            yield Boundary("task", "Airflow", name, handed.site.line, ending, _SPECIAL)


def _ending(file: Registrations, arguments: Arguments) -> Ending:
    node = arguments.get("retries") or _default_retries(file)
    if node is None or (isinstance(node, ast.Constant) and node.value in (0, None)):
        return _FAILED
    count = ast.unparse(node)
    times = {"1": "once", "2": "twice"}.get(count, f"{count} times")
    return Ending(f"retried {times} by Airflow, then marked failed", "retried", intended=True)


def _default_retries(file: Registrations) -> ast.expr | None:
    """`retries` of the `default_args` that a DAG of the file is given."""
    for site in file.sites("DAG", "dag"):
        node = site.arguments.get("default_args")
        if isinstance(node, ast.Name):
            values = file.outline.assigned.get(node.id, ())
            node = values[-1] if values else None
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "retries":
                    return value
    return None

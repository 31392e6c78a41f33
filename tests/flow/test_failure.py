"""Which documented failures of a call can happen as it is called."""

from __future__ import annotations

import pytest

from reviewer.domain.fact import Call
from reviewer.flow.failure import call_failures
from tests.code.reading import all_facts


@pytest.mark.parametrize(
    ("written", "times_out"),
    [
        ("future.result()", False),
        ("future.exception()", False),
        ("future.result(timeout=None)", False),
        ("future.result(5)", True),
        ("future.result(timeout=limit)", True),
        ("future.result(**options)", True),
        ("socket.create_connection(limit)", True),  # the kernel has a limit of its own
    ],
)
def test_a_wait_inside_the_program_times_out_only_where_a_limit_is_given(written: str, times_out: bool) -> None:
    text = (
        f"import concurrent.futures, socket\ndef f(future: concurrent.futures.Future, limit, options):\n    {written}\n"
    )
    (call,) = all_facts(text, Call)
    assert ("TimeoutError" in {failure.exception for failure in call_failures(call)}) is times_out

"""Whatever a module looks like: each patch parses, comes out again byte for byte, and asks for nothing more."""

from __future__ import annotations

import ast

from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.instrument.check import CHECKS
from reviewer.instrument.patches import ALL, Wishes, instrument
from reviewer.instrument.reversal import find_added
from tests.instrument.workshop import subject_of

HEADS = (
    "",
    '"""Words."""\n',
    "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n",
    '"""Words."""\nfrom __future__ import annotations\n',
    "import os\nimport requests\n",
    "import os, time; import sys\n",
    "from loguru import logger\n",
    "import structlog\n\nlog = structlog.get_logger()\n",
    "import logging\n\nlog = logging.getLogger(__name__)\ndef told(x):\n{i}log.info('A sentence %s', x)\n",
    "try:\n{i}import fast\nexcept ImportError:\n{i}fast = None\n",
    "\n\n\n# a comment\nx = 1\n",
    "\f\nimport os\n\n\f\n",
)
OPENINGS = (
    "def f(user_id, path: str):",
    "async def f(self, *, order_id=None):",
    "@wraps\ndef f(*args, body: str = ''):",
)
BODIES = (
    "try:\n{i}g(path)\nexcept OSError:\n{i}pass",
    "try: g()\nexcept OSError: pass  # why\nelse: h()\nfinally: k()",
    "try:\n{i}g()\nexcept (OSError, ValueError) as error:  # noqa\n{i}# a comment\n\n{i}x = 1; y = 2\nelse:\n{i}h()",
    "for a in b:\n{i}try:\n{i}{i}g(a)\n{i}except KeyError: continue\n{i}except Exception: break;",
    "with x as y:\n{i}try:\n{i}{i}return g(y)\n{i}except* OSError:\n{i}{i}z = 1\n{i}finally:\n{i}{i}h()",
    "match x:\n{i}case [a, b]:\n{i}{i}try:\n{i}{i}{i}g(a)\n{i}{i}except Exception as e:\n{i}{i}{i}raise ValueError('a') from e",
    "def inner(n):\n{i}try:\n{i}{i}return g(n)\n{i}except StopIteration:\n{i}{i}return None\nreturn inner",
    "# above\nanswer = requests.get(\n{i}url,\n{i}timeout=3,\n)  # behind\nreturn answer",
    "if x:\n{i}answer = requests.get(url, timeout=3)\nelse: requests.get(url)",
    "x = 1; requests.get(url, timeout=1)",
    "return subprocess.run(['ls'], timeout=3)",
    "text = '''\nexcept OSError:\n    pass\n'''\ntry:\n{i}g(text)\nexcept OSError:\n{i}'a string'",
    "try:\n{i}try:\n{i}{i}g()\n{i}except OSError:\n{i}{i}pass\nexcept Exception:\n{i}pass",
    "class A:\n{i}def m(self):\n{i}{i}try:\n{i}{i}{i}g()\n{i}{i}except OSError: return \\\n{i}{i}{i}{i}1",
    "lambda: 0",
    "'''only words'''",
)


@st.composite
def modules(draw: st.DrawFn) -> bytes:
    indent = draw(st.sampled_from(["    ", "  ", "\t"]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    parts = [draw(st.sampled_from(HEADS)).replace("{i}", indent)]
    for _ in range(draw(st.integers(0, 3))):
        opening = draw(st.sampled_from(OPENINGS))
        if draw(st.booleans()) and "f(*args" not in opening:
            opening = opening.replace("def f", f"def g{draw(st.integers(0, 9))}")
        body = "\n".join(draw(st.lists(st.sampled_from(BODIES), min_size=1, max_size=3))).replace("{i}", indent)
        lines = [opening, *(f"{indent}{line}" if line else line for line in body.split("\n"))]
        parts.append(draw(st.sampled_from(["", "\n", "\n\n", "# note\n"])) + "\n".join(lines) + "\n")
    text = "".join(parts)
    if draw(st.booleans()):
        text = text.rstrip("\n")
    mark = draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf"]))
    return mark + text.replace("\n", end).encode()


@given(modules())
@settings(max_examples=60)
def test_every_patch_is_proved_and_nothing_is_asked_twice(content: bytes) -> None:
    subject = subject_of(content)
    result = instrument(subject, content, Wishes(ALL))
    unproved = [one.reason for one in result.withheld if one.reason.startswith("not proved")]
    assert all("shares its line" in reason for reason in unproved), unproved
    if result.patch is None:
        return
    assert result.patch.verified == CHECKS
    before, after = ast.parse(content), ast.parse(result.patch.content)
    added = find_added(before, after).added
    assert len([node for node in added if isinstance(node, ast.Expr)]) == len(result.patch.proposals)
    again = instrument(subject_of(result.patch.content), result.patch.content, Wishes(ALL))
    assert again.patch is None

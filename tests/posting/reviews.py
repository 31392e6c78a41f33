"""Reviews to post, made by hand, and the change that they are about."""

from __future__ import annotations

from typing import Any

from reviewer.diff.patch import parse_patch
from reviewer.domain.change import FileChange
from reviewer.domain.report import FindingItem, Report
from tests.render.report_sample import finding, report

HEAD, NEXT = "b" * 40, "c" * 40

DIFF = """\
diff --git a/app/client.py b/app/client.py
--- a/app/client.py
+++ b/app/client.py
@@ -8,6 +8,9 @@ HEADERS = {}
 import requests
 # users
 def fetch_user(url):
+    url = url.strip()
+    response = requests.get(url, headers=HEADERS)  # fetch
+    return response.json()["name"]
 # others
 def other():
     pass
@@ -40,5 +43,4 @@ def late():
     one()
     two()
-    three()
     four()
     five()
diff --git a/app/views.py b/app/views.py
--- a/app/views.py
+++ b/app/views.py
@@ -1,2 +1,3 @@
 import app.client
+import app.other
 import app.last
"""


def files(diff: str = DIFF) -> tuple[FileChange, ...]:
    """The files of a diff, as the parser gives them."""
    return parse_patch(diff.encode())


def identity(number: int) -> str:
    """A fingerprint."""
    return f"{number:020x}"


def item(number: int = 1, **changes: Any) -> FindingItem:
    """A finding with its own fingerprint."""
    return finding(id=identity(number), **changes)


def review(*items: FindingItem, **changes: Any) -> Report:
    """A review of `HEAD` with some findings, its verdict as the defaults make it."""
    verdict = "pass"
    if any(one.severity != "low" and one.status == "new" for one in items):
        verdict = "warn"
    if any(one.severity == "high" and one.status == "new" for one in items):
        verdict = "block"
    return report(**{"findings": list(items), "head": HEAD, "verdict": verdict, **changes})

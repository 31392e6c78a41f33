"""The measurement of suites tells what changed, and leaves the project as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.logging_suites import main
from tests.git_builder import GitBuilder

TEXT = "import json\n\n\ndef read(path):\n    try:\n        return json.load(open(path))\n    except ValueError:\n        pass\n"
REPORT = (
    '<testsuites><testsuite><testcase classname="t" name="steady"/><testcase classname="t" name="quiet">{}</testcase>'
    "</testsuite></testsuites>"
)


@pytest.fixture
def project(builder: GitBuilder) -> GitBuilder:
    builder.commit({"app.py": TEXT, "green.xml": REPORT.format(""), "red.xml": REPORT.format("<failure/>")})
    return builder


def test_tests_and_linters_are_held_against_their_own_before(
    project: GitBuilder, capsys: pytest.CaptureFixture[str]
) -> None:
    test = "if grep -q logger app.py; then cat red.xml; else cat green.xml; fi > {report}"
    lint = "grep -nE 'json|getLogger' app.py"
    main(["--repo", str(project.root), "--test", test, "--lint", lint])
    told = capsys.readouterr().out
    assert "handlers that swallow: 1, with a line: 1 (100.0 %)" in told
    assert f"linter: 1 new of {lint}\n  1 x N:logger = logging.getLogger(__name__)\n" in told
    assert "tests before: 2, 2 passed\ntests after: 2, 1 passed, 1 failed\ntests that changed: 1, unsteady: 0\n" in told
    assert "  changed: t::quiet: passed -> failed" in told
    assert (project.root / "app.py").read_text(encoding="utf-8") == TEXT


def test_a_test_that_fails_now_and_then_has_not_changed(
    project: GitBuilder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = tmp_path / "runs"
    test = f"echo >> {runs}; if [ $(wc -l < {runs}) = 2 ]; then cat red.xml; else cat green.xml; fi > {{report}}"
    main(["--repo", str(project.root), "--test", test])
    told = capsys.readouterr().out
    assert "tests that changed: 0, unsteady: 1\n  unsteady: t::quiet: passed -> failed/passed" in told


def test_uncommitted_work_is_not_overwritten(project: GitBuilder) -> None:
    (project.root / "app.py").write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["--repo", str(project.root)])
    assert (project.root / "app.py").read_text(encoding="utf-8") == "x = 1\n"

"""The bugs that ``tools/planted_bugs.py`` plants still fit the code that they are planted in."""

from pathlib import Path

import pytest

from tools.bugs import BUGS, Bug

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: f"{bug.method}: {bug.what}")
def test_each_bug_has_one_line_to_be_planted_in_and_a_test_to_catch_it(bug: Bug):
    """Catches: a tool that stops at its first bug since the line was rewritten."""
    source = (ROOT / "recviz" / "explain" / bug.file).read_text(encoding="utf-8")
    file, test = bug.test.split("::")

    assert source.count(bug.right) == 1
    assert bug.wrong not in source
    assert f"def {test.partition('[')[0]}(" in (Path(__file__).parent / file).read_text(encoding="utf-8")

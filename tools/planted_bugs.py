"""Plant one bug for each method of explanation in a copy of the package, and see that its test fails.

    python -m tools.planted_bugs [WORDS OF A METHOD OR A BUG ...]

Prints a table of method, bug, and the test that caught it; ends with 1 if a bug was not caught. The tests name the same
bugs in their docstrings. Each bug is planted in a child of this process, so that torch is loaded once.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import numpy  # noqa: F401, ICN001 - loaded once for all children
import pytest
import shap  # noqa: F401 - loaded once for all children
import torch

from tools.bugs import BUGS, Bug

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("recviz", "tests", "benchmarks", "pyproject.toml")


def main() -> int:
    """Plant each bug, and print what caught it."""
    torch.set_num_threads(1)
    sys.stdout.write("| method | planted bug | caught by `tests/explain/` |\n|---|---|---|\n")
    wanted = [bug for bug in BUGS if not sys.argv[1:] or any(word in bug.method + bug.what for word in sys.argv[1:])]
    caught = [_caught(bug) for bug in wanted]
    return 0 if all(caught) else 1


def _caught(bug: Bug) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        planted = Path(folder)
        for name in COPIED:
            place = ROOT / name
            if place.is_dir():
                shutil.copytree(place, planted / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(place, planted / name)
        path = planted / "recviz" / "explain" / bug.file
        source = path.read_text(encoding="utf-8")
        if source.count(bug.right) != 1:
            sys.exit(f"{bug.file} no longer has this line once: {bug.right}")
        passed_before = _fails_in_child(planted, bug.test) is False
        path.write_text(source.replace(bug.right, bug.wrong), encoding="utf-8")
        shutil.rmtree(path.parent / "__pycache__", ignore_errors=True)
        caught = passed_before and _fails_in_child(planted, bug.test) is True
    test = bug.test.replace("::", "` `", 1)
    sys.stdout.write(f"| {bug.method} | {bug.what} | `{test}`{'' if caught else ' **NOT CAUGHT**'} |\n")
    sys.stdout.flush()
    return caught


def _fails_in_child(planted: Path, test: str) -> bool | None:
    """Run a test of a copy in a child: whether it failed; nothing where it could not be run."""
    child = os.fork()
    if child == 0:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        os.chdir(planted)
        sys.dont_write_bytecode = True
        sys.path.insert(0, str(planted))
        arguments = [
            str(planted / "tests" / "explain" / test),
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:playwright",
        ]
        os._exit(int(pytest.main([*arguments, "--rootdir", str(planted), "-c", str(planted / "pyproject.toml")])))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {0: False, 1: True}.get(code)


if __name__ == "__main__":
    sys.exit(main())

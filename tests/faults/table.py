"""What ``make faults`` prints: a line for every fault, and how many were survived. A plugin of pytest."""

import time
from dataclasses import dataclass, field

import pytest

WHOLE = {"tests/faults", "tests/browser/test_job_survives.py"}
"""What ``make faults`` asks for."""
FAULTS = frozenset(range(16, 30))
"""Numbers of the faults of jobs in the list that the project keeps."""
HEAD = f"{'fault':>6}  {'survived':8}  {'seconds':>7}  what happened"


@dataclass
class _Row:
    number: str
    title: str
    seconds: float = 0.0
    trouble: str = ""
    ran: bool = False

    @property
    def survived(self) -> bool:
        return self.ran and not self.trouble


@dataclass(eq=False)
class FaultTable:
    """Collects how every fault ended, what must hold after it included."""

    rows: dict[str, _Row] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    is_whole: bool = False
    """Whether the whole suite was asked for, and not some of its tests."""

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Take down the number of each fault that is to happen."""
        asked = session.config.option
        self.is_whole = not asked.keyword and asked.markexpr == "fault" and set(session.config.args) == WHOLE
        for item in session.items:
            marks = [str(mark.args[0]) for mark in item.iter_markers("fault")]
            numbers = ", ".join(sorted(set(marks), key=int))
            self.rows[item.nodeid] = _Row(numbers, item.name.removeprefix("test_").replace("_", " "))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be read is a failure too."""
        if report.failed:
            self.broken.append(report.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up the parts of a test; one that did not run has proved nothing."""
        row = self.rows[report.nodeid]
        row.seconds += report.duration
        row.ran |= report.when == "call" and report.passed
        if not report.passed and not row.trouble:
            told = report.longrepr[2] if isinstance(report.longrepr, tuple) else _last_line(report)
            row.trouble = f"{report.outcome} in {report.when}: {told}"

    def pytest_unconfigure(self) -> None:
        """Print the table; a fault that never happened was not survived."""
        print(f"\n{HEAD}")  # noqa: T201 - the table is what it is for
        for row in sorted(self.rows.values(), key=_order):
            print(f"{row.number:>6}  {'yes' if row.survived else 'NO':8}  {row.seconds:7.1f}  {row.title}")  # noqa: T201 - the table is what it is for
            if not row.survived:
                print(f"{'':25}  {row.trouble or 'it did not run'}")  # noqa: T201 - the table is what it is for
        missing = self._missing()
        for number in missing:
            print(f"{number:>6}  {'NO':8}  {'':7}  no test lets it happen")  # noqa: T201 - the table is what it is for
        for name in self.broken:
            print(f"{'':6}  {'NO':8}  {'':7}  {name} could not be read")  # noqa: T201 - the table is what it is for
        passed = sum(row.survived for row in self.rows.values())
        failed = len(self.rows) - passed + len(self.broken) + len(missing)
        print(f"in {time.monotonic() - self.began:.0f} s: {passed} passed, {failed} failed")  # noqa: T201 - the table is what it is for

    def _missing(self) -> list[int]:
        """Return the numbers of the list of faults that no test has; asked for where all of them were to run."""
        if not self.is_whole:
            return []
        there = {int(number) for row in self.rows.values() for number in row.number.split(", ") if number}
        return sorted(FAULTS - there)


def _order(row: _Row) -> tuple[int, str]:
    return int(row.number.split(",")[0] or 0), row.title


def _last_line(report: pytest.TestReport) -> str:
    lines = [line for line in str(report.longrepr).splitlines() if line.startswith("E ")]
    return lines[0][1:].strip() if lines else "see above"


def pytest_configure(config: pytest.Config) -> None:
    """Join in where this module was named with ``-p``."""
    config.pluginmanager.register(FaultTable(), "fault-table")

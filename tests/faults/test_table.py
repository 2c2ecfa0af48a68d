"""What `make faults` prints: a fault that failed, never ran, or has no test at all counts as not survived."""

from types import SimpleNamespace

import pytest

from tests.faults.table import FAULTS, WHOLE, FaultTable


@pytest.fixture(autouse=True)
def nothing_is_lost():
    """No fault happens here."""


def table_of(faults, outcomes, *, keyword="", args=WHOLE):
    """Let a table hear of a test for each fault, with this outcome of its call."""
    heard = FaultTable()
    items = [
        SimpleNamespace(nodeid=f"t{number}", name=f"test_fault_{number}",
                        iter_markers=lambda _, number=number: [SimpleNamespace(args=(number,))])
        for number in faults
    ]  # fmt: skip
    config = SimpleNamespace(option=SimpleNamespace(keyword=keyword, markexpr="fault"), args=list(args))
    heard.pytest_collection_finish(SimpleNamespace(items=items, config=config))
    for number in faults:
        outcome = outcomes.get(number, "passed")
        if outcome is not None:
            heard.pytest_runtest_logreport(
                SimpleNamespace(nodeid=f"t{number}", when="call", duration=1.0, outcome=outcome,
                                passed=outcome == "passed", longrepr="E   it was lost")
            )  # fmt: skip
    return heard


@pytest.mark.parametrize(
    ("faults", "outcomes", "last"),
    [
        (sorted(FAULTS), {}, "14 passed, 0 failed"),
        (sorted(FAULTS), {17: "failed"}, "13 passed, 1 failed"),
        (sorted(FAULTS), {17: None}, "13 passed, 1 failed"),
        (sorted(FAULTS - {22}), {}, "13 passed, 1 failed"),
    ],
)
def test_the_last_line_counts_every_fault(capsys, faults, outcomes, last):
    table_of(faults, outcomes).pytest_unconfigure()

    printed = capsys.readouterr().out.splitlines()

    assert printed[-1].endswith(last)
    assert all(any(line.split()[0] == str(number) for line in printed[2:-1] if line.split()) for number in FAULTS)


def test_where_some_faults_were_asked_for_the_others_are_not_missing(capsys):
    table_of([17], {}, args=["tests/faults/test_processes.py"]).pytest_unconfigure()

    assert capsys.readouterr().out.splitlines()[-1].endswith("1 passed, 0 failed")

"""The places where faults are planted are functions of the product: one that was renamed is told here, in seconds."""

import pytest

from tests.faults.planted import JOURNAL, find
from tests.faults.points import PLACES
from tests.faults.test_cancelled_anywhere import PHASES
from tests.faults.test_disk_full import WHERE
from tests.faults.test_training_goes_wrong import STEP


@pytest.fixture(autouse=True)
def nothing_is_lost():
    """No fault happens here."""


@pytest.mark.parametrize(
    "where",
    sorted({
        JOURNAL, STEP, *WHERE.values(), *(fault.where for fault in PHASES.values()),
        *(where for places in PLACES.values() for where in places),
    }),
)  # fmt: skip
def test_a_fault_can_be_planted_in(where):
    assert callable(find(where)[2])

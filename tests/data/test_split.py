"""Cut, validation window and log's end."""

import pytest

from recviz.data.history import MICROSECONDS_PER_DAY
from recviz.data.split import END, make_split
from recviz.errors import InvalidSettingError
from tests.logs import make_dataset
from tests.training.small import small_frame


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return make_dataset(tmp_path_factory.mktemp("log") / "log", small_frame())


def test_the_end_as_a_cut_holds_out_nothing_and_still_has_a_window_to_validate_on(dataset):
    """Catches: a last day that is left out, or a window of validation that is empty."""
    usual, everything = (make_split(dataset, "time", cut, "week", 2) for cut in (None, END))

    assert everything.cut == everything.now == usual.now > dataset.manifest.last_time
    assert everything.validation == usual.cut == usual.now - 14 * MICROSECONDS_PER_DAY
    assert usual.holds_out
    assert not everything.holds_out


def test_held_out_last_events_are_held_out(dataset):
    assert make_split(dataset, "leave-one-out", None, "week", 2).holds_out


@pytest.mark.parametrize(
    ("cut", "what"), [("2199-01-01", "lies after the log's end"), ("tomorrow-ish", "is not a date")]
)
def test_a_cut_that_is_no_day_of_the_log_is_refused_with_the_way_out(dataset, cut, what):
    with pytest.raises(InvalidSettingError, match=what) as caught:
        make_split(dataset, "time", cut, "week", 2)

    assert "end to hold out nothing" in caught.value.problems[0].mend

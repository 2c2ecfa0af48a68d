import pytest

from recviz.baselines.choice import FLOORS, SEQUENCE, chosen
from recviz.errors import InvalidSettingError


def test_quick_is_everything_that_needs_no_training():
    choice = chosen("quick")

    assert [baseline.name for baseline in choice.counts][-2:] == ["BG/NBD, may have left", "LightGBM on counts"]
    assert len(choice.shares) == 3
    assert len(choice.values) == 2
    assert "text" in choice
    assert SEQUENCE not in choice
    assert chosen("all").keys == choice.keys | {SEQUENCE}


def test_a_choice_by_name_keeps_the_plainest_of_each_task():
    choice = chosen("boosted, sequence")

    assert choice.keys == {"boosted", SEQUENCE, *FLOORS}
    assert len(choice.counts) == 2


def test_unknown_names_are_all_told_at_once_with_the_known_ones():
    with pytest.raises(InvalidSettingError, match="no baseline magic, oracle") as told:
        chosen("oracle,magic,text")

    assert "shrunken-rate" in told.value.problems[0].mend

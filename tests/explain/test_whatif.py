"""What-if. Each test names the planted bug that it was seen to catch."""

import pytest

from recviz.errors import InvalidSettingError
from recviz.explain.events import leave_one_out
from recviz.explain.removal import RemovalGame
from recviz.explain.scalars import MarkLogProbability
from recviz.explain.whatif import Addition, what_if


@pytest.mark.parametrize("user", ["short", "middle"])
def test_switching_an_event_off_changes_the_score_by_its_leave_one_out_value(predictor, user):
    """Catches: two ideas of absence (invariant 6)."""
    history = predictor.history(predictor.dataset.user_index(user))
    scalar = MarkLogProbability(3)
    alone = leave_one_out(RemovalGame(predictor, scalar, history, predictor.instant))

    for position in range(len(history)):
        both = what_if(predictor, history, predictor.instant, [position])

        change = scalar.value(both.before, predictor) - scalar.value(both.after, predictor)
        assert float(change) == pytest.approx(alone[position], abs=1e-5)


def test_added_events_stand_in_their_place_in_time(predictor):
    """Catches: an addition at the end whatever its date."""
    history = predictor.history(predictor.dataset.user_index("short"))
    early = Addition(item=3, time=int(history.time[0]) - 1, kind=0)

    both = what_if(predictor, history, predictor.instant, [4], [early])

    assert both.history.item.tolist() == [3, *history.item[:4].tolist()]
    assert len(both.before) == len(both.after) == 1


def test_all_that_is_wrong_is_told_at_once(predictor):
    """Catches: a position from the end taken silently, an event of the future."""
    history = predictor.history(predictor.dataset.user_index("short"))
    late = Addition(item=3, time=predictor.instant + 1, kind=0)

    with pytest.raises(InvalidSettingError) as told:
        what_if(predictor, history, predictor.instant, [-1, 5], [late])

    assert [problem.what for problem in told.value.problems] == [
        "There is no past event -1",
        "There is no past event 5",
        "An added event is after the origin",
    ]


def test_what_is_added_at_the_origin_has_happened_when_the_model_looks_ahead(predictor):
    """Catches: an event of the origin itself left out because it is not strictly before it."""
    history = predictor.history(predictor.dataset.user_index("short"))

    both = what_if(predictor, history, predictor.instant, add=[Addition(item=3, time=predictor.instant, kind=0)])

    assert both.history.item[-1] == 3
    assert float(both.after.mu.sum()) != pytest.approx(float(both.before.mu.sum()))

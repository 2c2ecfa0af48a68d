"""Words over many users. Each test names the planted bug that it was seen to catch."""

import numpy as np
import pytest

from recviz.explain.drivers import drivers
from recviz.explain.explainer import explain_score
from recviz.explain.levels import roll_up
from recviz.explain.targets import Target

TARGET = Target(what="probability", name="i03")


@pytest.mark.parametrize("level", ["word", "field", "category", "time"])
def test_means_over_users_are_the_means_of_their_own_explanations(predictor, level):
    """Catches: a mean over those who have the word alone; words of a user counted as if each were a user."""
    users = [predictor.dataset.user_index(name) for name in ("short", "middle", "long")]

    *_, last = drivers(predictor, users, TARGET, level=level)

    own = [roll_up(explain_score(predictor, user, TARGET).events, level) for user in users]
    for row in last.rows:
        mine = [sum(one.value for one in sums if (one.label, one.is_text) == (row.label, row.is_text)) for sums in own]
        assert row.mean == pytest.approx(np.mean(mine), abs=1e-9)
        assert row.standard_error == pytest.approx(np.std(mine, ddof=1) / 3**0.5, abs=1e-7)
        has = [any((one.label, one.is_text) == (row.label, row.is_text) for one in sums) for sums in own]
        assert row.n_users == sum(has)


def test_it_goes_on_user_by_user_and_says_how_far_it_is(predictor):
    """Catches: nothing to show until the end; work done before the first result is asked for."""
    steps = drivers(predictor, [0, 1, 2], TARGET, n_detailed=2)

    first = next(steps)
    rest = list(steps)

    assert (first.done, first.n_users) == (1, 3)
    assert [step.done for step in rest] == [2, 3]
    assert 0 < first.covered <= 1


def test_the_means_add_up_to_what_histories_do_on_average(predictor):
    """Catches: the remainder or events not looked into left out."""
    *_, last = drivers(predictor, [0, 1, 2], TARGET)

    differences = [explain_score(predictor, user, TARGET).difference for user in range(3)]
    assert sum(row.mean for row in last.rows) == pytest.approx(np.mean(differences), abs=1e-6)


def test_an_items_own_words_stand_apart_from_those_of_the_pasts(predictor):
    """Catches: the candidate's strip added to the events."""
    *_, item = drivers(predictor, [0, 1], TARGET)
    *_, curve = drivers(predictor, [0, 1], Target(what="category", name="a"))

    title = predictor.dataset.title(predictor.dataset.item_index("i03"))
    words = {row.label for row in item.candidate if row.is_text}
    assert words == set(title.split()[:4])  # the model reads four words
    assert curve.candidate == ()

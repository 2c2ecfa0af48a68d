"""A user beside a cohort. Each test names the planted bug that it was seen to catch."""

import pytest

from recviz.errors import InvalidSettingError
from recviz.explain.cohorts import START, versus_cohort
from recviz.explain.targets import Target

TARGET = Target(what="activity", k=1)


@pytest.fixture
def users(predictor):
    return [predictor.dataset.user_index(name) for name in ("short", "middle", "long")]


@pytest.mark.parametrize("by", ["category", "time"])
def test_the_rows_add_up_to_the_difference_at_every_step(predictor, users, by):
    """Catches: a category that only the cohort has left out; means over users who have it instead of all."""
    steps = list(versus_cohort(predictor, users[0], users[1:], TARGET, by=by))

    assert [(step.done, step.n_users) for step in steps] == [(1, 2), (2, 2)]
    for step in steps:
        assert sum(row.difference for row in step.rows) == pytest.approx(step.difference, abs=1e-4)
    assert all(row.label != START or abs(row.difference) < 1e-6 for row in steps[-1].rows)


def test_on_a_linear_model_a_category_weighs_what_its_events_weigh(predictor, users):
    """Catches: a user's sum divided by the number of its events; the user counted to the cohort."""
    *_, last = versus_cohort(predictor, users[0], users, TARGET)

    def sums(user: int) -> dict[str, float]:
        history = predictor.history(user)
        parts = predictor.parts(predictor.collate([history], [predictor.instant]))
        terms = (parts.text + parts.identity + parts.kind + parts.value)[0] @ predictor.w + 0.3 + predictor.habit
        labels = predictor.dataset.items["category"].iloc[history.item]
        return {
            label: float(sum(term for term, mine in zip(terms, labels, strict=True) if mine == label))
            for label in "abc"
        }

    own, others = sums(users[0]), [sums(user) for user in users[1:]]
    rows = {row.label: row for row in last.rows}
    assert last.n_users == 2
    # the latest forty of "long" by category, the others as "earlier events"
    assert rows["a"].user == pytest.approx(own["a"], abs=1e-4)
    middle = next(step for step in versus_cohort(predictor, users[0], users[1:2], TARGET))
    assert {row.label: row.cohort for row in middle.rows if row.label in "abc"} == pytest.approx(others[0], abs=1e-4)
    assert all(row.standard_error == 0 for row in middle.rows)


def test_nobody_else_is_no_cohort(predictor, users):
    """Catches: a mean of nothing."""
    with pytest.raises(InvalidSettingError, match="no other user"):
        next(versus_cohort(predictor, users[0], [users[0]], TARGET))

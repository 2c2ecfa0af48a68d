"""What-if. Each test names the planted bug that it was seen to catch."""

import numpy as np
import pytest

from recviz.errors import InvalidSettingError
from recviz.explain.events import leave_one_out
from recviz.explain.removal import RemovalGame
from recviz.explain.scalars import MarkLogProbability
from recviz.explain.whatif import Addition, Change, Edit, what_if


@pytest.mark.parametrize("user", ["short", "middle"])
def test_switching_an_event_off_changes_the_score_by_its_leave_one_out_value(predictor, user):
    """Catches: two ideas of absence (invariant 6)."""
    history = predictor.history(predictor.dataset.user_index(user))
    scalar = MarkLogProbability(3)
    alone = leave_one_out(RemovalGame(predictor, scalar, history, predictor.instant))

    for position in range(len(history)):
        both = what_if(predictor, history, predictor.instant, Change(off=[position]))

        change = scalar.value(both.before, predictor) - scalar.value(both.after, predictor)
        assert float(change) == pytest.approx(alone[position], abs=1e-5)


def test_added_events_stand_in_their_place_in_time(predictor):
    """Catches: an addition at the end whatever its date."""
    history = predictor.history(predictor.dataset.user_index("short"))
    early = Addition(item=3, time=int(history.time[0]) - 1, kind=0)

    both = what_if(predictor, history, predictor.instant, Change(off=[4], add=[early]))

    assert both.history.item.tolist() == [3, *history.item[:4].tolist()]
    assert len(both.before) == len(both.after) == 1


def test_all_that_is_wrong_is_told_at_once(predictor):
    """Catches: a position from the end taken silently, an event of the future."""
    history = predictor.history(predictor.dataset.user_index("short"))
    late = Addition(item=3, time=predictor.instant + 1, kind=0)

    with pytest.raises(InvalidSettingError) as told:
        what_if(predictor, history, predictor.instant, Change(off=[-1, 5], add=[late]))

    assert [problem.what for problem in told.value.problems] == [
        "There is no past event -1",
        "There is no past event 5",
        "A changed event is after the origin",
    ]


def test_what_is_added_at_the_origin_has_happened_when_the_model_looks_ahead(predictor):
    """Catches: an event of the origin itself left out because it is not strictly before it."""
    history = predictor.history(predictor.dataset.user_index("short"))

    both = what_if(
        predictor, history, predictor.instant, Change(add=[Addition(item=3, time=predictor.instant, kind=0)])
    )

    assert both.history.item[-1] == 3
    assert float(both.after.mu.sum()) != pytest.approx(float(both.before.mu.sum()))


def test_an_edited_event_is_the_same_as_one_off_and_another_on(predictor):
    """Catches: the old event kept beside the new one; what was not edited lost."""
    history = predictor.history(predictor.dataset.user_index("middle"))
    kept = {"time": int(history.time[5]), "kind": int(history.kind[5]), "value": float(history.value[5])}
    replaced = Change(off=[5], add=[Addition(item=9, **kept)])

    edited = what_if(predictor, history, predictor.instant, Change(edit=[Edit(position=5, item=9)]))
    swapped = what_if(predictor, history, predictor.instant, replaced)

    assert edited.after.mu.tolist() == swapped.after.mu.tolist()
    assert edited.history.item[5] == 9
    assert np.delete(edited.history.item, 5).tolist() == np.delete(history.item, 5).tolist()


def test_each_field_of_an_event_can_be_edited_alone(predictor):
    """Catches: a kind written as a value, a time that leaves the event in its old place."""
    history = predictor.history(predictor.dataset.user_index("short"))
    edits = {
        "kind": Edit(position=4, kind=1 - int(history.kind[4])),
        "value": Edit(position=3, value=7.0),
        "time": Edit(position=4, time=int(history.time[0]) - 5),
    }

    found = {
        name: what_if(predictor, history, predictor.instant, Change(edit=[edit])).history
        for name, edit in edits.items()
    }

    assert found["kind"].kind.tolist() == [*history.kind[:4], 1 - history.kind[4]]
    assert found["value"].value[3] == 7
    assert found["time"].item.tolist() == [history.item[4], *history.item[:4]]


def test_an_event_that_is_off_cannot_be_edited_too(predictor):
    """Catches: one event that comes back twice."""
    history = predictor.history(predictor.dataset.user_index("short"))

    with pytest.raises(InvalidSettingError, match="changed twice"):
        what_if(predictor, history, predictor.instant, Change(off=[2], edit=[Edit(position=2, item=1)]))


def test_from_an_earlier_moment_what_came_later_has_not_happened(trained):
    """Catches: later events still in the counts, the calendar of the old origin."""
    user = int(trained.users[0])
    history = trained.history(user)
    moved = int(history.time[len(history) // 2])

    both = what_if(trained, history, trained.instant, Change(moved_to=moved))

    expected = trained.predict([history.before(moved)], [moved])
    assert both.instant_after == moved
    before = trained.predict([history], [trained.instant])  # alone: padding beside another history moves the last digit
    assert both.after.mu.numpy() == pytest.approx(expected.mu.numpy(), rel=1e-6)
    assert both.before.mu.numpy() == pytest.approx(before.mu.numpy(), rel=1e-6)
    assert both.after.mu.numpy() != pytest.approx(both.before.mu.numpy(), rel=1e-3)


def test_the_origin_moves_ahead_no_further_than_the_horizon(trained):
    """Catches: a forecast from years ahead."""
    history = trained.history(int(trained.users[0]))
    edges = trained.split.edges(trained.instant)

    ahead = what_if(trained, history, trained.instant, Change(moved_to=int(edges[1])))

    assert ahead.after.mu.tolist() != ahead.before.mu.tolist()
    with pytest.raises(InvalidSettingError, match="beyond the curves"):
        what_if(trained, history, trained.instant, Change(moved_to=int(edges[-1]) + 1))


def test_another_title_moves_the_candidate_alone_and_the_same_title_nothing(trained):
    """Catches: the event's text moved too, another item's vector, identity lost with the title."""
    history = trained.history(int(trained.users[0]))
    item, other = (int(trained.candidates[at]) for at in (0, 1))
    same = Change(titles={item: trained.dataset.title(item)})
    renamed = Change(titles={item: trained.dataset.title(other)})

    unchanged = what_if(trained, history, trained.instant, same)
    changed = what_if(trained, history, trained.instant, renamed)

    assert unchanged.model_after.item_vectors.allclose(trained.item_vectors, atol=1e-6)
    moved = (changed.model_after.item_vectors - trained.item_vectors).abs().sum(dim=1)
    assert moved[0] > 0.1
    assert moved[1:].max() == 0
    assert changed.after.z.allclose(changed.before.z, atol=1e-5)
    assert trained.dataset.items["category"].iloc[[item, other]].nunique() == 1  # they differ in their titles alone
    expected = trained.ready(trained.item_text[1] + trained.item_identity[0])
    assert changed.model_after.item_vectors[0].allclose(expected, atol=0.01)  # stored text vectors are rounded

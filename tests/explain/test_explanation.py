"""What an explanation carries. Each test names the planted bug that it was seen to catch."""

import json

import pytest

from recviz.explain.explainer import explain_score
from recviz.explain.explanation import Explanation
from recviz.explain.targets import Target


@pytest.fixture
def explanation(predictor) -> Explanation:
    user = predictor.dataset.user_index("long")
    return explain_score(predictor, user, Target(what="probability", name="i03"))


def test_event_values_add_up_to_what_the_history_changes(explanation):
    """Catches: the empty score of another user, a group left out of the sum (invariant 7)."""
    total = sum(event.value for event in explanation.events)

    assert total == pytest.approx(explanation.difference, abs=1e-9)
    assert explanation.trust.events_gap == pytest.approx(0, abs=1e-9)
    assert explanation.trust.parts_gap_share < 0.01


def test_it_says_whose_it_is_and_what_its_numbers_mean(explanation, predictor):
    """Catches: a label of another run (fault 34)."""
    assert explanation.run == predictor.fingerprint
    assert explanation.user_id == "long"
    assert explanation.target.name == "i03"
    assert explanation.unit == "nats"
    assert explanation.sign_rule == "Above zero raised it, below zero lowered it, in nats."
    assert explanation.instant.endswith("+00:00")
    assert explanation.seconds > 0


def test_earlier_events_are_named_as_such_and_the_others_by_title(explanation, predictor):
    """Catches: the group shown under its last event's title."""
    first, *others = explanation.events

    assert first.is_group
    assert first.title == "20 earlier events"
    assert first.positions == tuple(range(20))
    assert [event.positions for event in others] == [(at,) for at in range(20, 60)]
    history = predictor.history(predictor.dataset.user_index("long"))
    assert [event.title for event in others] == [predictor.dataset.title(item) for item in history.item[20:]]
    assert [event.quantity for event in others] == [float(at) if at % 2 else None for at in range(20, 60)]


def test_the_largest_single_events_are_looked_into_and_the_covered_share_is_told(explanation):
    """Catches: the group looked into, the most positive taken for the largest."""
    single = [event for event in explanation.ranked() if not event.is_group]

    assert [event.parts is not None for event in single[:6]] == [True] * 5 + [False]
    expected = sum(abs(event.value) for event in single[:5]) / sum(abs(event.value) for event in explanation.events)
    assert explanation.covered == pytest.approx(expected)


def test_json_holds_every_number_of_it(explanation):
    """Catches: a field that JSON cannot hold, NaN for a missing value."""
    read = json.loads(explanation.to_json())

    assert read["score"] == explanation.score
    assert read["covered"] == explanation.covered
    assert [event["value"] for event in read["events"]] == [event.value for event in explanation.events]
    assert read["candidate"]["text"] == explanation.candidate.text
    assert read["target"] == {"what": "probability", "name": "i03", "k": None, "against": None}


def test_the_table_adds_up_at_every_level(explanation):
    """Catches: a part without its row, one that is counted twice, candidate words counted to the events."""
    frame = explanation.to_frame()
    events = frame[frame["part"] == "event"]
    looked_into = [event for event in explanation.events if event.parts]

    assert events["attribution"].sum() == pytest.approx(explanation.difference, abs=1e-9)
    for event in looked_into:
        mine = frame[frame["position"] == event.positions[-1]].set_index("part")["attribution"]
        parts = mine[["text", "identity", "kind", "value", "time", "habit", "shared"]]
        assert parts.sum() == pytest.approx(event.value, abs=1e-9)
        assert mine["token"].sum() == pytest.approx(mine["text"] - event.parts.text.markers, abs=1e-9)
    strip = frame[frame["part"] == "candidate token"]
    assert strip["attribution"].sum() + explanation.candidate.markers == pytest.approx(explanation.candidate.total)
    assert set(frame["run"]) == {explanation.run}


def test_leave_one_out_values_are_offered_too_and_their_gap_is_told(predictor):
    """Catches: a gap hidden because the method does not add up."""
    user = predictor.dataset.user_index("middle")

    found = explain_score(predictor, user, Target(what="probability", name="i03"), method="leave-one-out")

    assert [event.value for event in found.events] == [event.leave_one_out for event in found.events]
    assert found.trust.events_gap == pytest.approx(found.difference - sum(event.value for event in found.events))
    assert found.method == "leave-one-out"

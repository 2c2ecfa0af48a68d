"""Evidence beside attribution. Each test names the planted bug that it was seen to catch."""

import numpy as np
import pandas as pd
import pytest
import torch

from recviz.explain import evidence as module
from recviz.explain.evidence import evidence_for


@pytest.fixture(scope="module")
def found(trained):
    return evidence_for(trained, int(trained.users[0]), int(trained.candidates[0]), 5)


def test_what_similar_users_did_next_lies_before_the_origin(trained, found):
    """Catches: the held-out future shown as evidence (CONTRACT, invariant 1)."""
    cut = pd.Timestamp(trained.instant, unit="us", tz="UTC")
    dataset = trained.dataset

    assert len(found.similar) == 5
    for one in found.similar:
        start = pd.Timestamp(one.seen_at)
        assert all(start <= pd.Timestamp(event.time) < cut for event in one.next)
        history = dataset.store.history(dataset.user_index(one.user_id))
        times = pd.to_datetime(history.time, unit="us", utc=True)
        assert one.n_next == int(((times >= start) & (times < cut) & dataset.target_kinds[history.kind]).sum())


def test_similar_users_are_those_whose_states_are_nearest_and_never_the_user(trained, found):
    """Catches: the user as its own neighbour, the least alike first, states of the wrong moment."""
    user = int(trained.users[0])
    edges = trained.split.edges(trained.instant)
    then = int(trained.instant - (edges[-1] - edges[0]))
    others = [int(each) for each in trained.users if len(trained.history(int(each)).before(then))]
    with torch.no_grad():
        states = trained.predict([trained.history(each).before(then) for each in others], [then] * len(others)).z[:, 0]
        own = trained.predict([trained.history(user)], [trained.instant]).z[0, 0]
    states, own = states.double().numpy(), own.double().numpy()
    cosine = {
        each: float((row @ (own - states.mean(0))) / np.linalg.norm(row) / np.linalg.norm(own - states.mean(0)))
        for each, row in zip(others, states - states.mean(0), strict=True)
        if each != user
    }

    expected = sorted(cosine, key=lambda each: -cosine[each])[:5]
    assert [trained.dataset.user_index(one.user_id) for one in found.similar] == expected
    assert [one.similarity for one in found.similar] == pytest.approx([cosine[each] for each in expected], abs=1e-5)
    assert found.n_compared == len(cosine)


def test_the_share_who_took_the_item_is_told_beside_everyones(trained, found):
    """Catches: a share without what to compare it with; the item's own earlier purchases counted."""
    item_id = str(trained.dataset.item_ids[trained.candidates[0]])

    assert found.share_took_item == np.mean([one.took_item for one in found.similar])
    assert 0 < found.share_of_everyone < 1
    for one in found.similar:
        if one.n_next <= module.NEXT:
            assert one.took_item == (item_id in [event.item_id for event in one.next])


def test_near_items_are_those_of_like_texts_and_the_item_itself_is_none(trained, found):
    """Catches: cosine of vectors that are not of length 1; the item as its own neighbour."""
    cosine = trained.pretrained_vectors @ trained.pretrained_vectors[0]
    expected = [int(at) for at in np.argsort(-cosine, kind="stable") if at != 0][:5]

    assert [one.item_id for one in found.near_in_text] == trained.dataset.item_ids[
        trained.candidates[expected]
    ].tolist()
    had = set(trained.history(int(trained.users[0])).item.tolist())
    assert [one.had for one in found.near_in_text] == [int(trained.candidates[at]) in had for at in expected]
    assert len(found.near_in_identity) == 5


def test_an_item_without_a_vector_of_its_own_has_no_neighbours_in_identity(trained, monkeypatch):
    """Catches: the zero vector's neighbours, which are everybody."""
    identity = trained.item_identity.clone()
    identity[0] = 0
    monkeypatch.setattr(trained, "item_identity", identity)

    found = evidence_for(trained, int(trained.users[0]), int(trained.candidates[0]), 5)
    other = evidence_for(trained, int(trained.users[0]), int(trained.candidates[1]), 20)

    assert found.near_in_identity == ()
    assert str(trained.dataset.item_ids[trained.candidates[0]]) not in [one.item_id for one in other.near_in_identity]


def test_rows_after_the_cut_change_no_evidence(trained, found, monkeypatch):
    """Catches: a history read from the whole log (invariant 1)."""
    store = trained.dataset.store
    monkeypatch.setattr(
        type(store), "history", lambda *_: pytest.fail("evidence read the whole log instead of what the origin knows")
    )
    module.remembered_states(trained)

    again = evidence_for(trained, int(trained.users[0]), int(trained.candidates[0]), 5)

    assert again == found


def test_with_many_users_the_latest_active_are_compared(trained, monkeypatch):
    """Catches: users cut by their row, which is the order of ids."""
    monkeypatch.setattr(module, "USERS", 7)

    states = module._states_of_everyone(trained)

    then = int(states.instants[0])
    last = {
        int(user): int(trained.history(int(user)).before(then).time[-1])
        for user in trained.users
        if len(trained.history(int(user)).before(then))
    }
    chosen = set(states.users.tolist())
    assert len(chosen) == 7
    assert min(last[user] for user in chosen) >= max(when for user, when in last.items() if user not in chosen)

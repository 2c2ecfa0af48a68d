"""Invariants of CONTRACT.md that concern the model; each test names its number."""

import shutil

import numpy as np
import pandas as pd
import pytest
import torch

from recviz.data.history import EMPTY_HISTORY
from recviz.data.sequences import view_all
from recviz.data.split import make_split, to_microseconds
from recviz.model.assembly import candidate_items, fit_collator
from recviz.model.checkpoint import read_facts, read_tensors, write_folder
from recviz.model.config import RunConfig
from recviz.model.prediction import mark_probabilities
from recviz.model.predictor import load_predictor
from recviz.training.targets import TargetRules, targets_after
from tests.logs import make_dataset
from tests.training.small import CUT, small_frame, train, trained


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return trained(small_frame(), tmp_path_factory.mktemp("base"), "base")


def everything_said(predictor, user_ids):
    """Return what a run says of these users: volume, chance, depth, and marks of the next event and of week 3."""
    users = [predictor.dataset.user_index(user) for user in user_ids]
    prediction = predictor.predict([predictor.history(user) for user in users])
    marks = [mark_probabilities(prediction, predictor.item_vectors, k) for k in (0, 3)]
    return [prediction.mu, prediction.shape, prediction.depth, *marks]


def users_before_cut(predictor):
    return [str(predictor.dataset.user_ids[user]) for user in predictor.users]


def test_1_rows_at_or_after_the_cut_change_nothing(base, tmp_path):
    frame = small_frame()
    before = frame[frame.timestamp < CUT]
    later = before.tail(40).assign(timestamp=pd.Timestamp(CUT) + pd.Timedelta(days=3), kind="browsed", value=900.0)
    later = later.assign(item_id=[f"A-new-{n % 3}" for n in range(40)], user_id=[f"0{n % 50:04d}" for n in range(40)])
    other = trained(pd.concat([before.assign(kind="event"), later]), tmp_path, "other")

    same = users_before_cut(base)

    assert users_before_cut(other) == same
    for ours, theirs in zip(everything_said(base, same), everything_said(other, same), strict=True):
        assert torch.equal(ours, theirs)


def test_2_the_order_of_rows_changes_nothing(base, tmp_path):
    shuffled = small_frame().sample(frac=1, random_state=3)

    other = trained(shuffled, tmp_path, "other")

    for ours, theirs in zip(*(everything_said(each, users_before_cut(base)) for each in (base, other)), strict=True):
        assert torch.equal(ours, theirs)


def test_5_nobody_gets_the_populations_curve_and_ranking(base):
    prediction = base.predict([EMPTY_HISTORY])

    prior = base.collator.prior
    assert prediction.mu[0].numpy() == pytest.approx(prior.shape / prior.scale, rel=1e-5)
    assert float(prediction.gate.abs().max()) == 0
    assert float(mark_probabilities(prediction, base.item_vectors, 0).sum()) == pytest.approx(1, abs=1e-5)


def test_9_the_same_seed_gives_the_same_numbers_and_another_does_not(base, tmp_path):
    again = trained(small_frame(), tmp_path, "again")
    other = trained(small_frame(), tmp_path, "other", seed=1)

    users = users_before_cut(base)[:9]

    assert all(map(torch.equal, everything_said(base, users), everything_said(again, users)))
    assert not torch.equal(everything_said(base, users)[0], everything_said(other, users)[0])


@pytest.mark.parametrize(("tuning", "stop_after"), [("frozen", 9), ("top", 8), ("top", 14)])
def test_9_resumed_equals_uninterrupted(tmp_path, tuning, stop_after):
    dataset = make_dataset(tmp_path / "log", small_frame())
    plan = {"tuning": tuning, "refit": True, "passes": 1, "dropout": 0.3}
    straight = train(dataset, tmp_path / "straight", **plan)

    train(dataset, tmp_path / "broken", stop_after=stop_after, **plan)
    rest = train(dataset, tmp_path / "broken", **plan)

    assert any("Resumed from step-" in progress.note for progress in rest)
    for group in ("network", "tables", *(["text"] if tuning == "top" else [])):
        whole, pieced = (read_tensors(tmp_path / name / "model", group) for name in ("straight", "broken"))
        assert all(torch.equal(whole[name], pieced[name]) for name in whole), group
    assert straight[-1].pass_ == rest[-1].pass_


def test_10_renaming_ids_changes_nothing(base, tmp_path):
    names = {old: f"item {9999 - n}" for n, old in enumerate(sorted(small_frame().item_id.unique()))}
    people = {old: f"user {9999 - n}" for n, old in enumerate(sorted(small_frame().user_id.unique()))}
    frame = small_frame().assign(item_id=lambda f: f.item_id.map(names), user_id=lambda f: f.user_id.map(people))
    dataset = make_dataset(tmp_path / "renamed", frame)
    run = tmp_path / "run"
    shutil.copytree(base.folder.parent, run)
    tables = read_tensors(run / "model", "tables")
    rows = [dataset.item_index(names[base.dataset.item_ids[row]]) for row in tables["rows"].tolist()]
    groups = {name: read_tensors(run / "model", name) for name in ("network", "tables")}
    groups["tables"]["rows"] = torch.tensor(rows)
    write_folder(run / "model", groups, read_facts(run / "model"))

    renamed = load_predictor(dataset, run, "cut", "cpu")

    users = users_before_cut(base)
    for ours, theirs in zip(
        everything_said(base, users), everything_said(renamed, [people[user] for user in users]), strict=True
    ):
        assert ours.numpy() == pytest.approx(theirs.numpy(), rel=1e-4, abs=1e-6)


def test_11_a_listed_item_without_events_can_be_recommended(tmp_path):
    frame = small_frame()
    listed = frame[["item_id", "title"]].drop_duplicates("item_id")
    listed = pd.concat([listed, pd.DataFrame({"item_id": ["Z-ghost"], "title": ["Storm lamp"]})])
    unlisted = frame.tail(1).assign(item_id="Z-unlisted", timestamp=pd.Timestamp(CUT) + pd.Timedelta(days=1))
    events = pd.concat([frame, unlisted]).drop(columns=["title", "category"])
    dataset = make_dataset(tmp_path / "log", events, items=listed)
    train(dataset, tmp_path / "run")

    predictor = load_predictor(dataset, tmp_path / "run", "cut", "cpu")

    at = predictor.position[dataset.item_index("Z-ghost")]
    assert predictor.position[dataset.item_index("Z-unlisted")] == -1
    marks = mark_probabilities(predictor.predict([predictor.history(0)]), predictor.item_vectors, 0)
    assert float(marks[0, at]) > 0
    assert float(predictor.item_identity[at].abs().max()) == 0
    assert float(predictor.item_identity.abs().max()) > 0


def test_12_kinds_outside_the_targets_are_never_targets(tmp_path):
    frame = small_frame().assign(kind="buy")
    looks = frame.assign(kind="look", timestamp=frame.timestamp + pd.Timedelta(hours=5))
    dataset = make_dataset(tmp_path / "log", pd.concat([frame, looks]), targets=["buy"])
    split = make_split(dataset, "time", CUT, "week", 6)
    items = candidate_items(dataset, split)
    collator = fit_collator(view_all(dataset.store), split.cut, dataset, split, items, RunConfig(cut=CUT, horizon=6))
    rules = TargetRules(collator=collator, split=split, end=split.now, origins=1)
    history = dataset.store.history(0)
    later = (history.time >= to_microseconds(pd.Timestamp(CUT))) & ~dataset.target_kinds[history.kind]

    full, without = (
        targets_after(each, split.cut, rules) for each in (history, history.without(np.flatnonzero(later)))
    )

    assert later.any()
    assert full.counts.sum() > 0
    assert np.array_equal(full.counts, without.counts)
    assert np.array_equal(full.pair_item, without.pair_item)

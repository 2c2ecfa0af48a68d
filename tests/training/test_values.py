"""Expected values start from what items' and users' own values say, and go on from there."""

import json
import shutil

import numpy as np
import pytest
import torch

from recviz.data.sequences import view_all
from recviz.data.split import make_split
from recviz.model.assembly import candidate_items, collator_facts, collator_from_facts, fit_collator
from recviz.model.checkpoint import read_facts, read_tensors, write_folder
from recviz.model.config import RunConfig
from recviz.model.predictor import MODEL, load_predictor
from recviz.model.values import expected_by_offsets, past_values
from recviz.training.continuing import START, write_start
from recviz.training.targets import TargetRules, targets_after, window_targets
from tests.logs import make_dataset
from tests.training.small import CUT, small_frame, trained


@pytest.fixture(scope="module")
def predictor(tmp_path_factory):
    return trained(small_frame(), tmp_path_factory.mktemp("values"), "log", passes=1)


def without_head(predictor):
    for weight in predictor.network.value_head[-1].parameters():
        torch.nn.init.zeros_(weight)
    return predictor


def test_before_any_learning_a_value_is_the_mean_with_the_items_and_the_users_offset(predictor):
    """Catches: levels of other items, own values of other users, a scale that is undone twice or never."""
    bare = without_head(load_predictor(predictor.dataset, predictor.folder.parent, "cut", "cpu"))
    past = past_values(bare.view, bare.dataset.target_kinds, bare.position, len(bare.candidates))
    scaling = bare.collator.scaling
    past.value[:] = np.clip(past.value, scaling.value_low, scaling.value_high)
    users, n_items = bare.users[:12], len(bare.candidates)
    said = expected_by_offsets(
        past, bare.collator.values.prior, np.repeat(users, n_items), np.tile(np.arange(n_items), len(users))
    )

    found = bare.expected_values(bare.predict([bare.history(int(user)) for user in users]))

    assert found.numpy().ravel() == pytest.approx(said, abs=1e-4)
    assert found.std() > 0.01


def test_one_item_is_worth_what_it_is_worth_among_all(predictor):
    told = predictor.predict([predictor.history(int(user)) for user in predictor.users[:5]])

    assert predictor.expected_value(told, 3) == pytest.approx(predictor.expected_values(told)[:, 3])


def rules_of(dataset):
    split = make_split(dataset, "time", CUT, "week", 6)
    items = candidate_items(dataset, split)
    collator = fit_collator(view_all(dataset.store), split.cut, dataset, split, items, RunConfig(cut=CUT, horizon=6))
    return TargetRules(collator=collator, split=split, end=split.cut, origins=2)


def test_values_that_train_are_left_out_of_their_items_level_and_later_ones_are_not_in_it(tmp_path):
    """Catches: a model that reads the value which it is to tell from its item's mean; one that subtracts what is not there."""
    dataset = make_dataset(tmp_path / "log", small_frame())
    rules = rules_of(dataset)
    levels, history = rules.collator.values, dataset.store.history(0)

    trains = window_targets(history, (-1, len(history)), rules, np.random.default_rng(0))
    judges = targets_after(history, rules.split.cut, rules)

    assert trains.pair_level.tolist() == levels.without_one(trains.pair_item, trains.pair_value).tolist()
    assert (trains.pair_level != levels.of_items()[trains.pair_item]).all()
    assert len(judges.pair_item)
    assert judges.pair_level.tolist() == levels.of_items()[judges.pair_item].tolist()


def test_models_from_before_values_had_a_start_say_what_they_said(tmp_path):
    dataset = make_dataset(tmp_path / "log", small_frame())
    rules = rules_of(dataset)
    facts = json.loads(json.dumps(collator_facts(rules.collator)))
    given = (view_all(dataset.store), dataset, rules.split, candidate_items(dataset, rules.split), RunConfig(cut=CUT))
    old = {name: fact for name, fact in facts.items() if name != "value_prior"}

    now, then = collator_from_facts(facts, *given), collator_from_facts(old, *given)

    assert now.values.of_items().tolist() == rules.collator.values.of_items().tolist()
    assert not then.values.of_items().any()


def test_a_run_that_continues_such_a_model_learns_values_anew_and_one_that_continues_todays_goes_on(
    predictor, tmp_path
):
    """Catches: a whole value put on top of its start."""
    run, old = predictor.folder.parent, tmp_path / "old"
    shutil.copytree(run, old)
    groups = {path.stem: read_tensors(old / MODEL, path.stem) for path in (old / MODEL).glob("*.safetensors")}
    facts = read_facts(old / MODEL)
    del facts["collator"]["value_prior"]
    write_folder(old / MODEL, groups, facts)

    started = []
    for source in (run, old):
        folder = tmp_path / f"from-{source.name}"
        folder.mkdir()
        write_start(predictor.dataset, source, folder, {})
        started.append(read_tensors(folder / START, "network"))

    assert groups["network"]["value_head.2.weight"].any()
    assert [start["value_head.2.weight"].any().item() for start in started] == [True, False]
    assert not started[1]["value_head.2.bias"].any()

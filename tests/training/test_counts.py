"""Counts are fitted first, the same way whatever was drawn before, and then stay."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from recviz.data.split import make_split, training_view
from recviz.model.assembly import candidate_items, fit_collator
from recviz.model.config import RunConfig
from recviz.model.counts import MEMBERS, CountNetwork
from recviz.training.counts import _draw_rows, _loss, fit_counts
from recviz.training.targets import TargetRules
from tests.logs import make_dataset
from tests.training.small import CUT, small_frame, train, trained


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    dataset = make_dataset(tmp_path_factory.mktemp("counts") / "log", small_frame())
    split = make_split(dataset, "time", CUT, "week", 6)
    items = candidate_items(dataset, split)
    view = training_view(dataset, split, with_validation=True)
    collator = fit_collator(view, split.cut, dataset, split, items, RunConfig(cut=CUT, horizon=6))
    return view, TargetRules(collator=collator, split=split, end=split.cut, origins=2)


def test_fitting_lowers_the_error_of_volume_and_depth(given):
    view, rules = given
    network = CountNetwork(6)
    rows = _draw_rows(view, rules, np.random.default_rng(1))  # other origins than those of the fit
    before = float(_loss(network(rows.features, rows.season), rows).detach())

    fit_counts(network, view, rules, seed=0)

    assert float(_loss(network(rows.features, rows.season), rows).detach()) < before - 0.01
    assert all(float(member.rate.weight.abs().max()) > 0 for member in network.members)


def test_each_member_sees_origins_of_its_own(given, monkeypatch):
    """Catches: members that agree because they have seen the same days, where it is days that make fits differ."""
    view, rules = given
    drawn = []

    def remembered(*arguments):
        drawn.append(_draw_rows(*arguments))
        return drawn[-1]

    monkeypatch.setattr("recviz.training.counts._draw_rows", remembered)
    fit_counts(CountNetwork(6), view, rules, seed=0)

    seen = [rows.features[:, 0].sort().values for rows in drawn]
    assert len(seen) == MEMBERS
    assert not any(len(seen[0]) == len(other) and torch.equal(seen[0], other) for other in seen[1:])


def test_the_same_seed_says_the_same_whatever_was_drawn_before(given):
    view, rules = given
    fitted = []
    for drawn in (0, 5):
        torch.manual_seed(3)
        network = CountNetwork(6)
        torch.randn(drawn)
        state = torch.get_rng_state()
        fit_counts(network, view, rules, seed=0)
        assert torch.equal(torch.get_rng_state(), state)
        fitted.append(network.state_dict())

    assert all(torch.equal(fitted[0][name], fitted[1][name]) for name in fitted[0])


def test_what_is_fitted_takes_no_gradient(given):
    view, rules = given
    network = CountNetwork(6)

    fit_counts(network, view, rules, seed=0)

    assert all(weight.grad is None and not weight.requires_grad for weight in network.parameters())


def test_what_is_fitted_stays_as_it_is_in_the_passes(tmp_path):
    """Catches: counts that the passes move, at whatever rate."""
    slow, quick = (trained(small_frame(), tmp_path, f"rate-{rate}", passes=1, rate=rate) for rate in (0.001, 0.02))

    one, other = slow.network.state_dict(), quick.network.state_dict()
    moved = {name for name in one if not torch.equal(one[name], other[name])}
    assert {"project.weight", "rate.weight"} <= moved
    assert not {name for name in moved if name.startswith("counts.")}


def test_origins_end_a_whole_period_before_the_end(given):
    view, rules = given
    early = replace(rules, end=rules.end - 6 * 7 * rules.collator.population.unit)

    rows, fewer = (_draw_rows(view, each, np.random.default_rng(0)) for each in (rules, early))

    assert rows.covered[:, 0].all()
    assert fewer.covered[:, 0].all()
    assert len(fewer) <= len(rows)
    assert torch.isfinite(rows.features).all()


def test_a_log_too_short_for_a_period_leaves_the_counts_uncorrected(given):
    view, rules = given
    network = CountNetwork(6)

    fit_counts(network, view, replace(rules, end=0), seed=0)

    assert not any(member.rate.weight.any() for member in network.members)
    assert not any(weight.requires_grad for weight in network.parameters())


def test_a_log_with_an_order_only_is_trained_without_curves(tmp_path):
    frame = small_frame()
    order = frame.groupby("user_id").cumcount()
    dataset = make_dataset(tmp_path / "log", frame.drop(columns="timestamp").assign(seq_pos=order))

    said = train(dataset, tmp_path / "run", split="leave-one-out", cut=None, passes=1)

    assert said[-1].phase == "writing the model"

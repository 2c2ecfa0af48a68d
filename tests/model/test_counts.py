"""What counts alone may say of a curve."""

import pytest
import torch

from recviz.model.context import N_FEATURES
from recviz.model.counts import MEMBERS, CountNetwork, curve_shapes
from recviz.model.population import N_CALENDAR, N_LEVELS


def learnt(periods: int = 6) -> CountNetwork:
    torch.manual_seed(0)
    network = CountNetwork(periods)
    for weight in network.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    return network


def asked(queries: int, periods: int) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    return torch.randn(queries, N_FEATURES + N_LEVELS), torch.randn(queries, periods, N_CALENDAR)


def test_before_it_is_fitted_it_corrects_nothing():
    said = CountNetwork(6)(*asked(4, 6))

    assert said.log_rate.shape == (4, 6)
    assert not any(part.any() for part in said)


def test_what_counts_say_is_the_mean_of_what_each_member_says():
    network, (features, season) = learnt(), asked(3, 6)

    members = [network.said_by(at, features, season).log_rate for at in range(MEMBERS)]

    torch.testing.assert_close(network(features, season).log_rate, sum(members) / MEMBERS)
    assert not any(torch.allclose(members[0], other) for other in members[1:])


def test_how_many_members_there_are_changes_nothing_that_is_drawn_after_them(monkeypatch):
    """Catches: other weights of everything else, from the same seed, because a member more was drawn before them."""
    after = []
    for members in (1, MEMBERS):
        monkeypatch.setattr("recviz.model.counts.MEMBERS", members)
        torch.manual_seed(0)
        CountNetwork(6)
        after.append(torch.rand(3))

    assert torch.equal(*after)


def test_the_same_part_of_the_network_is_dropped_in_all_periods_of_a_query():
    network, (features, season) = learnt(), asked(200, 6)
    same = season[:, :1].expand(-1, 6, -1)
    network.members[0].step.weight.data.zero_()

    said = network.said_by(0, features, same, dropout=0.5).log_rate

    torch.testing.assert_close(said, said[:, :1].expand(-1, 6))
    assert not torch.allclose(said, network.said_by(0, features, same).log_rate)


def test_a_curve_is_made_of_smooth_shapes_so_no_single_week_has_a_level_of_its_own():
    shapes = curve_shapes(13)
    single_week = torch.zeros(13)
    single_week[6] = 1.0

    fitted = shapes @ torch.linalg.lstsq(shapes, single_week[:, None]).solution

    assert float(fitted.max()) < 0.25


def test_a_season_moves_the_level_only_once_two_cycles_were_seen():
    network, (features, season) = learnt(), asked(3, 6)
    other = season.clone()
    other[..., 0] += 1.0  # the yearly sine

    network.see_seasons(span_days=400)
    assert torch.equal(network(features, season).log_rate, network(features, other).log_rate)

    network.see_seasons(span_days=800)
    assert not torch.allclose(network(features, season).log_rate, network(features, other).log_rate)


@pytest.mark.parametrize("asked_periods", [0, 2, 6])
def test_fewer_periods_may_be_asked_for_than_were_fitted(asked_periods):
    network, (features, season) = learnt(), asked(3, 6)

    said = network(features, season[:, :asked_periods])

    assert said.log_rate.shape == (3, asked_periods)
    assert torch.equal(said.log_depth, network(features, season).log_depth)

"""What everybody did, as it was known at each instant."""

import math

import numpy as np
import pandas as pd
import pytest

from recviz.data.sequences import view_all
from recviz.data.split import make_split
from recviz.model import population as measuring
from recviz.model.population import Population, measure_population
from tests.logs import make_dataset

FIRST = pd.Timestamp("2025-03-03")
OLD, NEW = 0, 1
UNTRIED, FEWNESS = measuring.NEW, measuring.NEW + 1


@pytest.fixture
def dataset(tmp_path):
    """One item sells every day for sixty days, the other twenty times on the last of them alone."""
    days = [*range(60), *[59] * 20]
    items = ["old"] * 60 + ["new"] * 20
    when = [FIRST + pd.Timedelta(days=day, hours=9, minutes=n) for n, day in enumerate(days)]
    users = [f"u{n % 7}" for n in range(len(days))]
    return make_dataset(tmp_path / "log", pd.DataFrame({"user_id": users, "item_id": items, "timestamp": when}))


def measure(dataset, *, listed: bool = True) -> Population:
    split = make_split(dataset, "time", None, "week", 1)
    position = np.array([{"old": OLD, "new": NEW}[name] for name in dataset.items["item_id"]])
    return measure_population(view_all(dataset.store), split, np.array([True]), position, np.full(2, listed))


def popularity_on(population: Population, day: int) -> np.ndarray:
    morning = (FIRST + pd.Timedelta(days=day)).value // 1000
    return population.popularity[population.snapshot(np.array([morning]))[0]].T


def test_a_day_is_known_from_the_next_morning_on(dataset):
    population = measure(dataset)

    before, after = popularity_on(population, 59), popularity_on(population, 60)

    assert (before[NEW, :UNTRIED] < 0).all()
    assert (after[NEW, :UNTRIED] - before[NEW, :UNTRIED]).min() > 0.3
    assert before[:, UNTRIED].tolist() == [0, 1], "nobody had had the new one"
    assert after[:, UNTRIED].tolist() == [0, 0]


def test_the_fewer_are_new_the_more_each_is_likely_to_come(dataset):
    """Catches: new items whose share of events melts with their number, though something new comes out every week."""
    population = measure(dataset)

    said = [popularity_on(population, day)[:, FEWNESS].tolist() for day in (0, 59, 60)]

    assert said[0] == [0, 0], "both are new"
    assert said[1] == pytest.approx([0, math.log(2)])
    assert said[2] == [0, 0], "none is"


def test_without_a_table_nobody_knows_how_few_are_new(dataset):
    """Catches: what the log holds later, told beforehand by the number of its items."""
    population = measure(dataset, listed=False)

    assert popularity_on(population, 59)[:, UNTRIED].tolist() == [0, 1]
    assert not population.popularity[:, FEWNESS].any()


def test_what_is_new_leads_where_little_is_remembered_and_trails_where_all_is(dataset):
    new, old = popularity_on(measure(dataset), 60)[[NEW, OLD]]

    assert new[0] > old[0]
    assert new[UNTRIED - 1] < old[UNTRIED - 1]


def test_a_large_catalogue_has_fewer_snapshots(dataset, monkeypatch):
    monkeypatch.setattr(measuring, "MAX_SNAPSHOT_VALUES", 2 * 12)

    population = measure(dataset)

    assert population.grid == 5
    assert len(population.popularity) <= 13
    assert popularity_on(population, 60)[NEW, 0] > 0

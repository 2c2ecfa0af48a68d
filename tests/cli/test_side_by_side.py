"""Runs side by side in a terminal."""

import pandas as pd
import pytest

from recviz.services import comparisons
from recviz.services.workspace import Workspace
from recviz.settings import Settings
from tests.cli.conftest import TINY


@pytest.fixture(scope="module")
def second(shop):
    """Another run on the shop's log, by a smaller seed of everything random."""
    sets = [part for change in TINY for part in ("--set", change)]
    done = shop.call(
        "train", shop.dataset, "--preset", "fast", "--horizon", "4", "--seed", "5", "--name", "Second", *sets
    )
    assert done.exit_code == 0, done.output
    return done.stdout.split()[-1]


def test_two_runs_are_laid_side_by_side_and_every_number_can_be_written(shop, second, tmp_path):
    done = shop.call("compare", shop.run, second, "--out", tmp_path / "both.parquet")

    assert done.exit_code == 0, done.output
    assert "Activity, period by period" in done.stdout
    assert "seed" in done.stdout
    found = comparisons.compare(Workspace(Settings(workspace=shop.workspace)), [shop.run, second])
    written = pd.read_parquet(tmp_path / "both.parquet")
    assert not found.is_pending
    assert len(written) == 2 * len(found.rows)
    assert written["value"].tolist() == [value for row in found.rows for value in row.values]
    gains = [said.gain for row in found.rows for said in row.comparisons if said is not None]
    assert written["gain"].dropna().tolist() == gains


@pytest.mark.parametrize("runs", [("nope", "nope-2"), ("RUN",), ("RUN", "RUN")])
def test_what_cannot_be_compared_is_told_in_a_sentence(shop, runs):
    done = shop.call("compare", *(shop.run if run == "RUN" else run for run in runs))

    assert done.exit_code == 2
    assert "next:" in done.stderr
    assert "Traceback" not in done.stderr

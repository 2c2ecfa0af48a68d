"""Compare a run on the sample shop with the truth that its generator knows, beside the baselines.

    python benchmarks/sample_truth.py WORKSPACE RUN

The run must be of ``sample_data/`` with the default cut. Prints one line per method: how far its expected lines per user,
week and category, and its expected active days per user and week, are from the true expectations (mean Poisson deviance of
the expectation from the truth, 0 is perfect), and what it makes of the category in which nothing can be learnt.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.special import rel_entr

from recviz.baselines.boosted import BoostedCounts
from recviz.baselines.counts import CountBaseline, ShrunkenRate
from recviz.baselines.shares import EveryonesMix, PastMix, ShareBaseline, ShrunkenMix, past_mix
from recviz.data.dataset import open_dataset
from recviz.data.history import MICROSECONDS_PER_DAY, History
from recviz.data.sequences import target_rows
from recviz.evaluate.answers import ask_volume_and_mix
from recviz.evaluate.counts import user_deviance
from recviz.evaluate.held_out import activity_after
from recviz.model.config import RunConfig
from recviz.model.prediction import mark_probabilities
from recviz.model.predictor import Predictor, load_predictor
from recviz.settings import Settings

Floats = NDArray[np.float64]
SAMPLE = Path(__file__).resolve().parents[1] / "sample_data"
UNLEARNABLE = "Gift cards"
BASELINES: tuple[tuple[CountBaseline, ShareBaseline], ...] = (
    (ShrunkenRate(), EveryonesMix()),
    (ShrunkenRate(), ShrunkenMix()),
    (BoostedCounts(), ShrunkenMix()),
)

# U users with history at the cut, K weeks, C categories


@dataclass(frozen=True, slots=True)
class Curves:
    """Expectations of one method, or the truth."""

    days: Floats
    """Active days, ``(U, K)``."""
    events: Floats
    """Lines, ``(U, K, C)``."""


def true_curves(predictor: Predictor, categories: list[str]) -> Curves:
    """Read the truth of the users with history at the cut."""
    ids = pd.Index(predictor.dataset.user_ids[predictor.users])
    events = pd.read_parquet(SAMPLE / "truth.parquet").astype({"user_id": str, "category": str})
    days = pd.read_parquet(SAMPLE / "truth_days.parquet")
    wide = days.pivot_table(index="user_id", columns="week", values="active_days").loc[ids].to_numpy()
    cells = events.pivot_table(index="user_id", columns=["week", "category"], values="events")
    weeks = sorted(events["week"].unique())
    order = pd.MultiIndex.from_product([weeks, categories])
    return Curves(wide, cells.loc[ids][order].to_numpy().reshape(len(ids), len(weeks), len(categories)))


def all_curves(predictor: Predictor, categories: list[str]) -> Mapping[str, Curves]:
    """Ask the model and the baselines for the same expectations, all from before the cut."""
    code = pd.Index(categories).get_indexer(pd.Index(predictor.dataset.items["category"]))
    weights = np.eye(len(categories))[code[predictor.candidates]]
    volume, events = ask_volume_and_mix(predictor, predictor.users, weights, lambda: None)
    assert events is not None  # noqa: S101 - weights were given
    curves = {"the model": Curves(volume.mean, events)}
    activity = activity_after(predictor)
    horizon = activity.horizon
    since = (horizon.origin - horizon.days) * MICROSECONDS_PER_DAY
    mixes = past_mix(predictor.view, predictor.dataset.target_kinds, code, len(categories), since)
    past = PastMix(mixes.own[predictor.users], mixes.everyone)
    depth = len(target_rows(predictor.view, predictor.dataset.target_kinds)[1]) / len(activity.past.day)
    for count, share in BASELINES:
        days = count.forecast(activity.past, horizon).mean[predictor.users]
        curves[f"{count.name}, {share.name}"] = Curves(days, days[:, :, None] * depth * share.mix(past)[:, None, :])
    return curves


def distances(said: Curves, truth: Curves) -> Mapping[str, float]:
    """Tell how far expectations are from the truth: mean Poisson deviance, and correlation over cells."""
    users = len(truth.days)
    flat, true = said.events.reshape(users, -1), truth.events.reshape(users, -1)
    return {
        "days": float(user_deviance(truth.days, said.days).mean()),
        "lines": float(user_deviance(true, flat).mean()),
        "mix": mix_divergence(said.events, truth.events),
        "correlation": float(np.corrcoef(flat.ravel(), true.ravel())[0, 1]),
        "season": season_error(said.events, truth.events),
    }


def mix_divergence(said: Floats, true: Floats) -> float:
    """Return how far users' mixes over the horizon are from the true ones: mean Kullback-Leibler divergence, nats."""
    ours, wanted = (events.sum(axis=1) / events.sum(axis=(1, 2))[:, None] for events in (said, true))
    return float(rel_entr(wanted, ours).sum(axis=1).mean())


def season_error(said: Floats, true: Floats) -> float:
    """Return the mean relative error of everybody's lines per week and category."""
    return float((np.abs(said.sum(0) - true.sum(0)) / true.sum(0)).mean())


def unlearnable_spread(said: Curves, categories: list[str]) -> float:
    """Return the standard deviation over users of the lines expected where nothing can be learnt, over their mean."""
    lines = said.events[:, :, categories.index(UNLEARNABLE)].sum(axis=1)
    return float(lines.std() / lines.mean())


def learnt_odds(predictor: Predictor, links: Sequence[Mapping[str, Any]], users: int = 200) -> dict[str, float]:
    """Return by what factor the model raises the odds of each effect when its cause is bought two days before the cut.

    Args:
        predictor: At its cut.
        links: Causes or decoys, as ``causes.json`` has them.
        users: How many histories the purchase is added to, evenly spread over all users.
    """
    chosen = [int(user) for user in predictor.users[:: max(len(predictor.users) // users, 1)]]
    time = predictor.instant - 2 * MICROSECONDS_PER_DAY
    known = [predictor.history(user).before(time) for user in chosen]
    base = _effect_logits(predictor, known, links)
    factors = {}
    for number, link in enumerate(links):
        causes = [predictor.dataset.item_index(item) for item in link["cause_items"]]
        bought = [history.plus(causes[at % len(causes)], time, 0, 1.0) for at, history in enumerate(known)]
        moved = _effect_logits(predictor, bought, links)[:, number] - base[:, number]
        factors[f"{link['cause']} -> {link['effect']}"] = float(np.exp(moved.mean()))
    return factors


def _effect_logits(predictor: Predictor, histories: Sequence[History], links: Sequence[Mapping[str, Any]]) -> Floats:
    """Return the log-odds that the next event falls into each link's effect items, ``(histories, links)``."""
    effects = [
        [predictor.position[predictor.dataset.item_index(item)] for item in link["effect_items"]] for link in links
    ]
    said = predictor.predict(histories, [predictor.instant] * len(histories))
    with torch.inference_mode():
        chances = mark_probabilities(said, predictor.item_vectors, 0).double().cpu().numpy()
    inside = np.stack([chances[:, effect].sum(axis=1) for effect in effects], axis=1)
    return np.asarray(np.log(inside / (1 - inside)))


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("run")
    arguments = parser.parse_args()
    report(opened(arguments.workspace, arguments.run))


def opened(workspace: Path, run: str) -> Predictor:
    """Open a run at its cut."""
    settings = Settings(workspace=workspace)
    folder = settings.runs / run
    dataset = open_dataset(settings.datasets, RunConfig.read(folder).dataset)
    return load_predictor(dataset, folder, "cut", settings.device)


def report(predictor: Predictor) -> None:
    """Print the comparison of one open run."""
    categories = sorted(set(predictor.dataset.items["category"]))
    truth, curves = true_curves(predictor, categories), all_curves(predictor, categories)
    print(
        f"{'method':52}{'active days':>12}{'lines':>9}{'mix':>8}{'corr.':>8}{'season':>9}{'spread of gift cards':>22}"
    )
    for name, said in {**curves, "the truth": truth}.items():
        far = distances(said, truth)
        print(f"{name:52}{far['days']:12.4f}{far['lines']:9.4f}{far['mix']:8.3f}{far['correlation']:8.3f}{far['season']:8.1%}"
              f"{unlearnable_spread(said, categories):22.2f}")  # fmt: skip
    planted = json.loads((SAMPLE / "causes.json").read_text())
    for name, wanted in (("causes", planted["causes"]), ("decoys", planted["decoys"])):
        print(f"odds ratios learnt for {name} (true: {wanted[0]['odds']:g}): ", end="")
        print("; ".join(f"{link} {factor:.2f}" for link, factor in learnt_odds(predictor, wanted).items()))


if __name__ == "__main__":
    main()

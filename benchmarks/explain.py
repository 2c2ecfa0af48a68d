"""How fast and how true explanations are on a run: ``python benchmarks/explain.py WORKSPACE RUN [--users 40]``.

Times one explanation cold (50 events, or the nearest there is), and over many users: completeness of the integral,
standard errors, badges, and the drop when the top 20 % of events are removed against random ones.
"""

import argparse
import time
from collections import Counter
from pathlib import Path

import numpy as np
import torch

from recviz.explain.explainer import explain_score
from recviz.explain.explanation import Explanation
from recviz.explain.targets import Target
from recviz.model.prediction import mark_probabilities
from recviz.model.predictor import Predictor
from recviz.services.workspace import Workspace
from recviz.settings import Settings

FEWEST = 5
"""Events of a user who is explained."""
SMALL_GAP = 0.01


def first_recommendation(predictor: Predictor, user: int) -> str:
    """Return the id of the likeliest item at the next visit, seen or not."""
    prediction = predictor.predict([predictor.history(user)], [predictor.instant_of(user)])
    with torch.inference_mode():
        best = int(mark_probabilities(prediction, predictor.item_vectors, 0)[0].argmax())
    return str(predictor.dataset.item_ids[predictor.candidates[best]])


def explained(predictor: Predictor, user: int) -> tuple[Explanation, float]:
    """Explain the first recommendation; return it with the seconds that it took."""
    target = Target(what="probability", name=first_recommendation(predictor, user))
    started = time.perf_counter()
    return explain_score(predictor, user, target), time.perf_counter() - started


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("run")
    parser.add_argument("--users", type=int, default=40)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    predictor = Workspace(Settings(workspace=asked.workspace)).predictor(asked.run, "cut")
    lengths = np.array([len(predictor.history(int(user))) for user in predictor.users])
    explained(predictor, int(predictor.users[0]))  # loads the language model, as the first click does
    near = int(predictor.users[np.abs(lengths - 50).argmin()])
    _, seconds = explained(predictor, near)
    print(f"{int(lengths[np.abs(lengths - 50).argmin()])} events: {seconds:.2f} s, {asked.threads} threads")
    long_enough = predictor.users[lengths >= FEWEST]
    users = np.random.default_rng(0).choice(long_enough, min(asked.users, len(long_enough)), replace=False)
    told = [explained(predictor, int(user)) for user in users]
    gaps = [event.parts.gap_share for found, _ in told for event in found.events if event.parts]
    errors = [event.standard_error for found, _ in told for event in found.events if event.standard_error]
    drops = [found.trust.comprehensiveness.mean for found, _ in told if found.trust.comprehensiveness]
    print(f"{len(users)} users: {np.median([taken for _, taken in told]):.2f} s at the median")
    print(
        f"integral: gap under 1 % in {np.mean(np.array(gaps) < SMALL_GAP):.1%} of {len(gaps)} events, worst {max(gaps):.2%}"
    )
    print(f"standard error of an event: {np.median(errors):.3f} nats at the median")
    print(f"removing top events instead of random ones: {np.mean(drops):+.2f} nats")
    print("badges:", dict(Counter(found.trust.badge for found, _ in told)))


if __name__ == "__main__":
    main()

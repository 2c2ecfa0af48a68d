"""How much a full ranking costs beside its bare product and selection: 1,024 users x 100,000 items, top 200.

    python benchmarks/recommend.py [--users 1024] [--items 100000] [--top 200] [--rounds 5]

The bare work is one matrix product and one torch.topk. Ours also mixes in own items, normalises, leaves seen items out,
renormalises and breaks ties by position. Prints one JSON object; the target is a ratio of at most 2.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable

import torch

from recviz.model.population import N_POPULARITY
from recviz.model.prediction import Prediction
from recviz.recommend.ranking import rank

WIDTH, OWN, SEEN, PERIODS = 96, 60, 60, 13


def main() -> None:
    """Time both and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=1024)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--top", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    torch.manual_seed(0)
    prediction = _prediction(asked.users, asked.items)
    vectors = torch.randn(asked.items, WIDTH)
    seen = torch.stack([torch.randperm(asked.items)[:SEEN] for _ in range(asked.users)])
    with torch.inference_mode():
        pairs = [
            (
                _seconds(lambda: torch.topk(prediction.z[:, 0] @ vectors.T, asked.top, dim=1)),
                _seconds(lambda: rank(prediction, vectors, asked.top, seen)),
            )
            for _ in range(asked.rounds + 1)
        ][1:]  # the first round pays for memory that the later ones use again
    bare, ours = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(
        json.dumps(
            {
                "users": asked.users,
                "items": asked.items,
                "top": asked.top,
                "threads": torch.get_num_threads(),
                "bare_seconds": round(bare, 3),
                "ours_seconds": round(ours, 3),
                "ratio": round(statistics.median(own / plain for plain, own in pairs), 2),
            }
        )
    )


def _prediction(users: int, items: int) -> Prediction:
    return Prediction(
        mu=torch.rand(users, PERIODS),
        shape=torch.rand(users) + 0.5,
        depth=torch.rand(users) + 1,
        z=torch.randn(users, PERIODS + 1, WIDTH) * 0.3,
        gate=torch.rand(users, PERIODS + 1) * 0.5,
        own_item=torch.stack([torch.randperm(items)[:OWN] for _ in range(users)]),
        own_weight=torch.softmax(torch.randn(users, OWN), dim=1),
        popularity_weight=torch.rand(PERIODS + 1, N_POPULARITY),
        snapshot=torch.zeros(users, dtype=torch.int64),
        popularity=torch.randn(1, N_POPULARITY, items),
        own_bias=torch.randn(items),
        own_value=torch.zeros(users),
    )


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()

"""How long all numbers of one user's page take: curve, bands, chances, interest by category.

    python benchmarks/user_page.py WORKSPACE RUN [--users 50]

Prints one JSON object with milliseconds at the median and the 95th percentile; the target is under 50. Opening the run,
and what is remembered for all users (categories, own rates), is paid by the first user, who is told apart.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from recviz.services import forecasts
from recviz.services.workspace import Workspace
from recviz.settings import Settings


def main() -> None:
    """Time users drawn at random."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("run")
    parser.add_argument("--users", type=int, default=50)
    asked = parser.parse_args()
    ws = Workspace(Settings(workspace=asked.workspace, device="cpu"))
    predictor = ws.predictor(asked.run, "cut")
    drawn = np.random.default_rng(0).choice(predictor.users, min(asked.users + 1, len(predictor.users)), replace=False)
    taken, used = [], []
    for user in predictor.dataset.user_ids[drawn]:
        began, worked = time.perf_counter(), time.process_time()
        forecasts.user_view(ws, asked.run, str(user))
        taken.append(1000 * (time.perf_counter() - began))
        used.append(1000 * (time.process_time() - worked))
    median, high = np.quantile(taken[1:], [0.5, 0.95])
    print(
        json.dumps(
            {
                "users": len(taken) - 1,
                "first_user_milliseconds": round(taken[0]),
                "median_milliseconds": round(float(median), 1),
                "p95_milliseconds": round(float(high), 1),
                "median_processor_milliseconds": round(float(np.median(used[1:])), 1),
            }
        )
    )


if __name__ == "__main__":
    main()

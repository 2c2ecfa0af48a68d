"""Memory of training on many synthetic events, in a process of its own.

    python benchmarks/memory.py [--events 20000000] [--items 20000] [--steps 20]

The histories are written to mapped files first. Then a process trains for some steps (Fast: frozen language model) and
tells its peak. Prints one JSON object; the target is under 4 GB at 20 million events. The peak counts pages of the mapped
files that were read and that the system may take back at any time; ``anonymous_mb`` is what the process itself holds at
the end.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from logs import seconds_per_pass, synthetic_log

from recviz.data.dataset import Dataset
from recviz.model.config import preset_config


def main() -> None:
    """Write the log, train on it in a child, print what the child says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--train", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.train is not None:
        train(asked.train, asked.steps)
        return
    with tempfile.TemporaryDirectory() as folder:
        synthetic_log(Path(folder) / "log", asked.events, asked.items)
        command = [sys.executable, __file__, "--train", folder, "--steps", str(asked.steps)]
        told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    print(json.dumps({"events": asked.events, "items": asked.items, **json.loads(told.splitlines()[-1])}))


def train(folder: Path, steps: int) -> None:
    """Train for some steps and print the peak of this process."""
    began = time.perf_counter()
    config = preset_config("fast", dataset="log", horizon=13, max_tokens=16)
    seconds, _ = seconds_per_pass(Dataset(folder / "log"), config, folder / "run", steps)
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    print(
        json.dumps(
            {
                "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
                "anonymous_mb": round(int(status["RssAnon"].split()[0]) / 1024),
                "seconds": round(time.perf_counter() - began),
                "hours_per_pass": round(seconds / 3600, 2),
            }
        )
    )


if __name__ == "__main__":
    main()

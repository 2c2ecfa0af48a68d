"""Time and peak memory of bringing a log in, by the command line in a process of its own.

    python benchmarks/ingest.py ../shared/data/online_retail/online_retail.csv.gz --map user=CustomerID ...

Everything after the file is passed on to ``recviz ingest``. Prints one JSON object.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    """Ingest the file into a fresh workspace and measure the process."""
    command = Path(sys.executable).parent / "recviz"
    with tempfile.TemporaryDirectory() as workspace:
        began = time.monotonic()
        done = subprocess.run(
            [command, "--workspace", workspace, "ingest", *sys.argv[1:]], check=True, capture_output=True, text=True
        )
        seconds = time.monotonic() - began
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        dataset = done.stdout.split()[-1]
        manifest = json.loads((Path(workspace) / "datasets" / dataset / "manifest.json").read_text(encoding="utf-8"))
    sizes = {name: manifest[name] for name in ("n_rows_read", "n_events", "n_users", "n_items")}
    measured = {
        "seconds": round(seconds, 1),
        "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_memory_mb": round(used.ru_maxrss / 1e3),
    }
    print(json.dumps({"dataset": dataset, **sizes, **measured}))


if __name__ == "__main__":
    main()

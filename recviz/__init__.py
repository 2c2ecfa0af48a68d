"""recviz: long-term interest curves from behaviour logs, with a fine-tuned language model, and why."""

import os

__version__ = "0.1.0"

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
"""Threads of OpenMP sleep while they wait, unless somebody asked for something else. It counts if it is set before torch is
loaded. Spinning threads take from each other the very cores that they wait for: with a run at work beside the app a forecast
of 1,024 users took 13 s instead of 1."""

"""``python -m recviz.data.synthetic OUT`` writes the sample shop and its truth into the folder OUT."""

import argparse
from pathlib import Path

from recviz.data.synthetic.files import write_truth

parser = argparse.ArgumentParser(prog="python -m recviz.data.synthetic", description=__doc__)
parser.add_argument("out", type=Path, help="The folder to write to, made if needed.")
parser.add_argument("--replicates", type=int, default=128, help="Simulated futures of each user for the truth.")
arguments = parser.parse_args()
write_truth(arguments.out, arguments.replicates)

"""Training against the approach of the articles: one text per user and target through the same backbone.

    python benchmarks/articles.py [--steps 30] [--texts 16]

There, each target is a text of its own: the user's history written out to 128 tokens, padded, through the whole language
model with gradient, in fp32. Here, all positions of a history are targets at once, and each distinct item text is read
once. Both train on the sample shop's items. Prints one JSON object: targets per processor second (of all threads together) of both, and the ratios.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import torch
from logs import next_item_targets, sample_log, seconds_per_pass
from torch.nn import functional

from recviz.data.split import make_split
from recviz.model.config import preset_config
from recviz.text.backbone import load_backbone

TOKENS = 128
"""Of each text."""
CANDIDATES = 480


def main() -> None:
    """Time both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--texts", type=int, default=16, help="Texts per step of the articles' approach.")
    asked = parser.parse_args()
    theirs = articles(asked.texts)
    found = {"threads": torch.get_num_threads(), "articles_targets_per_second": round(theirs, 1)}
    with tempfile.TemporaryDirectory() as folder:
        log = sample_log(Path(folder))
        targets = next_item_targets(log, make_split(log, "time", None, "week", 13).validation)
        for name, preset in (("frozen", "fast"), ("top", "balanced")):
            config = preset_config(preset, dataset=log.id, horizon=13)
            seconds, _ = seconds_per_pass(log, config, Path(folder) / f"run-{name}", asked.steps)
            found[f"{name}_targets_per_second"] = round(targets / seconds)
            found[f"{name}_ratio"] = round(targets / seconds / theirs)
    print(json.dumps(found))


def articles(texts: int, rounds: int = 3) -> float:
    """Return targets per second of one text per target."""
    torch.manual_seed(0)
    model = load_backbone("minilm").model.train()
    items = torch.nn.Parameter(torch.randn(CANDIDATES, int(model.config.hidden_size)) * 0.02)
    optimiser = torch.optim.AdamW([*model.parameters(), items], lr=1e-5)
    taken = []
    for _ in range(rounds + 1):
        ids, target = torch.randint(1000, 20_000, (texts, TOKENS)), torch.randint(0, CANDIDATES, (texts,))
        began = time.process_time()
        states = model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state.mean(dim=1)
        functional.cross_entropy(states @ items.T, target).backward()
        optimiser.step()
        optimiser.zero_grad()
        taken.append(time.process_time() - began)
    return texts / sorted(taken[1:])[rounds // 2]


if __name__ == "__main__":
    main()

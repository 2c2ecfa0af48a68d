"""The ID-only model against a plain PyTorch SASRec of the same size: processor seconds per pass over the same log.

    python benchmarks/sasrec.py [--steps 40]

Plain is what is usually written: histories padded to the full length, learnt positions, causal transformer layers, full
softmax over the catalogue at all positions, Adam. Ours is the recviz model without text (what the baseline of that name
trains), which beside the next item also learns counts, depth and what comes weeks ahead. Prints one JSON object; the
target is a ratio of at most 1.2.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from logs import sample_log, seconds_per_pass
from torch import Tensor, nn
from torch.nn import functional

from recviz.baselines.sequence import config_without_text, without_text
from recviz.data.dataset import Dataset
from recviz.data.split import make_split, training_view
from recviz.model.config import RunConfig, preset_config


class PlainSASRec(nn.Module):
    """Kang and McAuley's model with layers that PyTorch brings."""

    def __init__(self, items: int, config: RunConfig) -> None:
        super().__init__()
        self.item = nn.Embedding(items + 1, config.width, padding_idx=0)
        self.position = nn.Embedding(config.max_history, config.width)
        layer = nn.TransformerEncoderLayer(
            config.width, config.heads, 4 * config.width, config.dropout, "gelu", batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, config.layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(config.width)

    def forward(self, items: Tensor) -> Tensor:
        """Return scores of all items after each position, ``(B, L, items + 1)``; ``items`` are ``(B, L)``."""
        length = items.shape[1]
        mask = nn.Transformer.generate_square_subsequent_mask(length)
        states = self.item(items) + self.position(torch.arange(length))
        return self.norm(self.layers(states, mask=mask, is_causal=True)) @ self.item.weight.T


def main() -> None:
    """Time both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=40)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = sample_log(Path(folder))
        config = config_without_text(preset_config("fast", dataset=log.id, horizon=13))
        ours, batches = seconds_per_pass(without_text(log), config, Path(folder) / "run", asked.steps)
        plain = seconds_of_plain(log, config, batches, asked.steps)
    print(
        json.dumps(
            {
                "threads": torch.get_num_threads(),
                "plain_seconds_per_pass": round(plain, 1),
                "ours_seconds_per_pass": round(ours, 1),
                "ratio": round(ours / plain, 2),
            }
        )
    )


def seconds_of_plain(dataset: Dataset, config: RunConfig, batches: int, steps: int) -> float:
    """Time some steps of a plain SASRec and return seconds of a pass of as many steps as ours takes."""
    torch.manual_seed(0)
    view = training_view(dataset, make_split(dataset, "time", None, "week", config.horizon), with_validation=False)
    users = np.random.default_rng(0).permutation(view.users())
    model = PlainSASRec(dataset.manifest.n_items, config).train()
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    size, warm, began = -(-len(users) // batches), max(2, steps // 5), 0.0
    for step in range(warm + steps):
        if step == warm:
            began = time.process_time()
        rows = np.zeros((size, config.max_history + 1), np.int64)
        for row, user in zip(rows, np.resize(np.roll(users, -step * size), size), strict=True):
            items = view.history(int(user)).item[-config.max_history - 1 :] + 1
            row[: len(items)] = items
        given = torch.from_numpy(rows)
        scores = model(given[:, :-1])
        loss = functional.cross_entropy(scores.flatten(0, 1), given[:, 1:].flatten(), ignore_index=0)
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    return (time.process_time() - began) / steps * batches


if __name__ == "__main__":
    main()

"""Encoding and tuning texts: texts per second, and the share of the machine's measured matmul peak.

    python benchmarks/encoding.py [--backbone minilm] [--device auto] [--texts 512] [--batch 128] [--precision bf16]

Texts are the sample shop's. Work is 2 operations a weight and token forward and 4 backward, plus attention; weights of
the word table do no work. Prints one JSON object for encoding and for tuning all weights (``full``): texts and tokens per
second, and operations per second as a share of the best of a few large matrix products in the same number format.
"""

import argparse
import json
import time
from collections.abc import Callable

import pandas as pd
import torch
from logs import SAMPLE

from recviz.model.device import pick_device
from recviz.text.backbone import load_backbone
from recviz.text.encoder import TextEncoder

MAX_TOKENS = 48


def main() -> None:
    """Time both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backbone", default="minilm")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--texts", type=int, default=512)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--precision", choices=("bf16", "fp32"), default="bf16")
    asked = parser.parse_args()
    device, reduced = pick_device(asked.device), asked.precision == "bf16"
    encoder = TextEncoder(load_backbone(asked.backbone), MAX_TOKENS).to(device)
    titles = pd.read_csv(SAMPLE / "items.csv", dtype=str)["title"].tolist()
    tokens = encoder.tokens((titles * (asked.texts // len(titles) + 1))[: asked.texts])
    groups = [tokens.rows(group) for group in encoder.by_length(tokens, asked.batch)]
    read = int(tokens.mask.sum())
    peak = matmul_peak(device, torch.bfloat16 if reduced else torch.float32)
    optimiser = torch.optim.AdamW(encoder.parameters(), lr=1e-5)

    def forward(*, grad: bool) -> None:
        for group in groups:
            with torch.set_grad_enabled(grad), torch.autocast(device.type, torch.bfloat16, enabled=reduced):
                pooled = encoder(group.ids.to(device), group.mask.to(device))
            if grad:
                pooled.float().square().mean().backward()
                optimiser.step()
                optimiser.zero_grad()

    found = {
        "device": device.type,
        "backbone": asked.backbone,
        "precision": asked.precision,
        "peak_gflops": round(peak / 1e9),
    }
    for name, grad, factor in (("encoding", False, 1), ("full", True, 3)):
        encoder.train(grad)
        seconds = best_of(lambda grad=grad: forward(grad=grad), device)
        found[name] = {
            "texts_per_second": round(asked.texts / seconds),
            "tokens_per_second": round(read / seconds),
            "share_of_peak": round(factor * operations(encoder, groups) / seconds / peak, 3),
        }
    print(json.dumps(found))


def operations(encoder: TextEncoder, groups: list) -> float:
    """Count the operations of reading all real tokens once, forward."""
    tables = {id(encoder.model.get_input_embeddings().weight)}
    weights = sum(weight.numel() for weight in encoder.parameters() if weight.ndim == 2 and id(weight) not in tables)
    config = encoder.model.config
    work = 0.0
    for group in groups:
        lengths = group.mask.sum(dim=1).double()
        attention = 4 * config.num_hidden_layers * config.hidden_size * float((lengths**2).sum())
        work += 2 * weights * float(lengths.sum()) + attention
    return work


def matmul_peak(device: torch.device, dtype: torch.dtype) -> float:
    """Return the most operations per second of a few large products."""
    sizes = (1024, 2048) if device.type == "cpu" else (4096, 8192)
    peak = 0.0
    for size in sizes:
        left, right = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
        peak = max(peak, 2 * size**3 / best_of(lambda left=left, right=right: left @ right, device))
    return peak


def best_of(work: Callable[[], object], device: torch.device, rounds: int = 3) -> float:
    """Return the least seconds of a few rounds, the first of which does not count."""
    taken = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize()
        taken.append(time.perf_counter() - began)
    return min(taken[1:])


if __name__ == "__main__":
    main()

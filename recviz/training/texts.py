"""The text vectors of all items while a run trains: what is cached, and what carries gradient.

``frozen`` computes them once. With the other strategies a step encodes some of its items with gradient, and the rest come
from a table that is refreshed at every pass. ``top`` keeps the activations below the tuned layers on disk, so the layers
that stay as they are run once for each text, ever.
"""

import hashlib
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from recviz.model.config import RunConfig
from recviz.text.encoder import TextEncoder, TokenBatch, TopEncoder
from recviz.text.tuning import with_lora

ENCODE_AT_ONCE = 128
SHORT = 48
"""Tokens up to which torch's plain attention was measured to beat its fused one on processors, in bf16 (benchmarks/README.md)."""

# I items, T tokens, H width of the backbone


class TextTable:
    """Pooled text vectors ``(I, H)`` of the run's items under the weights of the moment."""

    def __init__(
        self, encoder: TextEncoder, texts: Sequence[str], config: RunConfig, cache: Path, device: torch.device
    ) -> None:
        self.encoder = encoder.to(device).eval()
        self.tuning = config.tuning
        self.device = device
        self.tokens = encoder.tokens(texts)
        self.amp = _mixed_precision(config, device)
        self.top: TopEncoder | None = None
        self.below: np.ndarray[tuple[int, int], np.dtype[np.float16]] | None = None
        self._starts = torch.cat([torch.zeros(1, dtype=torch.long), self.tokens.mask.sum(dim=1).cumsum(0)])
        for weight in encoder.parameters():
            weight.requires_grad = False
        if config.tuning == "top":
            self.top = TopEncoder(encoder, config.top_layers).to(device)
            self.below = self._cached_below(texts, config, cache)
        if config.tuning == "lora":
            encoder.model = with_lora(encoder.model, config.lora_rank)
        for weight in self.tuned().values():
            weight.requires_grad = True
        self.vectors = self.refresh()
        self.pretrained = self.vectors.clone()

    def tuned(self) -> dict[str, nn.Parameter]:
        """Return the backbone's weights that training changes, by name."""
        named = dict(self.encoder.model.named_parameters())
        match self.tuning:
            case "frozen":
                return {}
            case "top":
                assert self.top is not None  # noqa: S101 - set above for this strategy
                chosen = {id(weight) for weight in self.top.tuned()}
                return {name: weight for name, weight in named.items() if id(weight) in chosen}
            case "lora":
                return {name: weight for name, weight in named.items() if "lora_" in name}
            case "full":
                return {name: weight for name, weight in named.items() if "pooler" not in name}

    def encode(self, items: Tensor) -> Tensor:
        """Encode some items with gradient, ``(n, H)`` in fp32."""
        return self.encoder.in_groups(
            self.tokens.rows(items), ENCODE_AT_ONCE, lambda part, group: self._forward(part, items[group]).float()
        )

    @torch.no_grad()
    def refresh(self) -> Tensor:
        """Encode every item under the weights of the moment, ``(I, H)``; the table keeps it."""
        self.vectors = self.encode(torch.arange(len(self.tokens)))
        return self.vectors

    def _forward(self, tokens: TokenBatch, items: Tensor) -> Tensor:
        mask = tokens.mask.to(self.device)
        with (
            torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.amp),
            _attention(self.device, tokens.ids.shape[1]),
        ):
            if self.top is not None:
                return self.top(self._below_of(items, tokens.ids.shape[1]), mask)  # type: ignore[no-any-return]  # modules are called untyped
            return self.encoder(tokens.ids.to(self.device), mask)  # type: ignore[no-any-return]  # modules are called untyped

    def _below_of(self, items: Tensor, length: int) -> Tensor:
        assert self.below is not None  # noqa: S101 - only called for top
        padded = np.zeros((len(items), length, self.below.shape[1]), np.float16)
        for row, item in enumerate(items.tolist()):
            start, stop = int(self._starts[item]), int(self._starts[item + 1])
            padded[row, : stop - start] = self.below[start:stop]
        return torch.from_numpy(padded).to(self.device).float()

    def _cached_below(
        self, texts: Sequence[str], config: RunConfig, cache: Path
    ) -> np.ndarray[tuple[int, int], np.dtype[np.float16]]:
        """Compute the activations below the tuned layers once; the file is keyed by all that they depend on."""
        assert self.top is not None  # noqa: S101 - only called for top
        key = hashlib.sha256(f"{self.encoder.fingerprint} {config.max_tokens} {config.top_layers} float16".encode())
        for text in texts:
            key.update(f"{len(text)} {text}".encode())
        path = cache / f"activations-{key.hexdigest()[:32]}.npy"
        if not path.exists():
            cache.mkdir(parents=True, exist_ok=True)
            states = np.empty((int(self._starts[-1]), self.encoder.width), np.float16)
            for group in self.encoder.by_length(self.tokens, ENCODE_AT_ONCE):
                tokens = self.tokens.rows(group)
                with torch.inference_mode(), torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.amp):
                    below = (
                        self.top.below(tokens.ids.to(self.device), tokens.mask.to(self.device)).float().cpu().numpy()
                    )
                for row, item in enumerate(group.tolist()):
                    start, stop = int(self._starts[item]), int(self._starts[item + 1])
                    states[start:stop] = below[row, : stop - start]
            partial = path.with_suffix(".part.npy")
            np.save(partial, states)
            partial.replace(path)
        mapped: np.ndarray[tuple[int, int], np.dtype[np.float16]] = np.load(path, mmap_mode="r")
        return mapped


def texts_of_a_step(asked: Tensor, n_items: int, at_most: int, draws: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Draw the texts that the language model reads with gradient, and how much each one's gradient is to count.

    The softmax moves every item, those of the step up and all others down. If only the items of the step were read,
    the model would be taught the first half alone: to move all texts to where the targets are. So half of what is read
    comes from the rest of the catalogue, and each text counts for as many as it stands for: the expected gradient is
    that of reading everything, up to one factor.

    Args:
        asked: Items of the step's histories and targets, int64, without repeats.
        n_items: Number of the run's items.
        at_most: Texts that are read in a step.
        draws: Draws them.

    Returns:
        Items, int64 ``(n,)``, and the weight of each one's gradient, ``(n,)``; 1 for those of the step.

    References:
        Horvitz, D. and Thompson, D. (1952). A generalization of sampling without replacement from a finite universe.
        Journal of the American Statistical Association 47.
    """
    is_asked = torch.zeros(n_items, dtype=torch.bool)
    is_asked[asked] = True
    rest = (~is_asked).nonzero().squeeze(-1)
    n_asked = min(len(asked), at_most - min(len(rest), at_most // 2))
    n_rest = min(len(rest), at_most - n_asked)
    first, others = _draw(asked, n_asked, draws), _draw(rest, n_rest, draws)
    stands_for = (len(rest) / max(n_rest, 1)) / (len(asked) / n_asked)
    return torch.cat([first, others]), torch.cat([torch.ones(n_asked), torch.full((n_rest,), stands_for)])


def _draw(items: Tensor, n: int, draws: np.random.Generator) -> Tensor:
    return items[torch.from_numpy(np.sort(draws.choice(len(items), n, replace=False)))]


def with_gradient_times(encoded: Tensor, weight: Tensor) -> Tensor:
    """Return the same values ``(n, H)``, whose gradients count ``weight`` times, ``(n,)``."""
    still = encoded.detach()
    return still + (encoded - still) * weight[:, None]


def _attention(device: torch.device, length: int) -> AbstractContextManager[None]:
    """Choose how texts of so many tokens attend; torch's switch is the whole process's, so for training alone."""
    is_plain = device.type == "cpu" and length <= SHORT
    return sdpa_kernel(SDPBackend.MATH) if is_plain else nullcontext()


def _mixed_precision(config: RunConfig, device: torch.device) -> bool:
    """Tell whether the language model runs in bf16: where asked for, or where the machine is fast at it."""
    if config.precision != "auto":
        return config.precision == "bf16"
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    fast: bool = bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())  # noqa: SLF001 - torch offers no public question
    return fast

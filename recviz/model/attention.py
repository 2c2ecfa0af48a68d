"""Attention over events, and how their age and order bias it."""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

BUCKETS = 32
LEVEL_BUCKET = 15
"""Age (a week, or a dozen events) at which an event starts on a par with "nothing"."""
SLOPES_OF_SUMS = (1.0, 0.5, 0.25)
"""How steeply each of the decayed sums starts to forget."""

UNSEEN, ALWAYS = BUCKETS**2, BUCKETS**2 + 1
"""Places in the table of biases for what may not be attended to, and for "nothing", which always may."""

# B histories, H heads, T tokens, S keys, D width, W columns of biases (a head of a layer, or a sum)


class Block(nn.Module):
    """Pre-norm attention over event keys and a feed-forward layer."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)
        self.feed = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, 4 * width),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(4 * width, width),
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: Tensor, bias: Tensor, n_keys: int) -> Tensor:
        """Attend from all ``tokens`` ``(B, T, D)`` to the first ``n_keys`` of them under ``bias`` ``(B, H, T, S)``."""
        batch, length, width = tokens.shape
        normed = self.norm(tokens)
        query = self.query(normed).view(batch, length, self.heads, -1).transpose(1, 2)  # (B, H, T, D/H)
        key, value = self.key_value(normed[:, :n_keys]).chunk(2, dim=-1)
        key = key.view(batch, n_keys, self.heads, -1).transpose(1, 2)
        value = value.view(batch, n_keys, self.heads, -1).transpose(1, 2)
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        tokens = tokens + self.dropout(self.out(mixed.transpose(1, 2).reshape(batch, length, width)))
        fed: Tensor = tokens + self.dropout(self.feed(tokens))
        return fed


def recency_slopes(heads: int) -> Tensor:
    """Return how steeply each head starts to favour recent events, ``(heads,)``: from not at all to the last days alone.

    A purchase of last week that means something would otherwise be one of many until the slopes are learnt.

    References:
        Press, O., Smith, N. and Lewis, M. (2022). Train short, test long: attention with linear biases. ICLR.
    """
    return torch.cat([torch.zeros(1), torch.logspace(-2, 0, heads - 1, base=2)]) if heads > 1 else torch.tensor([0.25])


def by_age(slopes: Tensor) -> Tensor:
    """Return what slopes ``(N,)`` add to an event in each bucket of age, ``(BUCKETS, N)``."""
    return (LEVEL_BUCKET - torch.arange(BUCKETS, dtype=torch.float32))[:, None] * slopes


def decayed_sums(events: Tensor, bias: Tensor) -> Tensor:
    """Add up events by how much of each is left, ``(B, Q, N * D)``.

    Attention averages: what one purchase means would fade with every other one beside it. In a sum it stays, as in a
    Hawkes process. The sum is divided by the root of all that is left, so that long histories do not drown short ones.

    Args:
        events: ``(B, L, D)``.
        bias: Logit of the share that is left of each event at each query, ``-inf`` for what is not seen, ``(B, N, Q, L)``.
    """
    left = torch.sigmoid(bias)  # (B, N, Q, L)
    left = left / left.sum(dim=-1, keepdim=True).clamp(min=1).sqrt()
    return (left @ events[:, None]).transpose(1, 2).flatten(2)


class Columns(torch.autograd.Function):
    """Read a table ``(N, W)`` at many places, column by column: ``(B, T, S)`` to ``(B, W, T, S)``.

    An embedding would do, but puts the columns last: every layer would then stride through all of them, and its gradient
    is slow where few rows are read millions of times.
    """

    @staticmethod
    def forward(ctx: Any, table: Tensor, place: Tensor) -> Tensor:  # noqa: ANN401 - torch's own context
        """Look up."""
        ctx.save_for_backward(place)
        ctx.rows = len(table)
        found = table.new_empty(place.shape[0], table.shape[1], *place.shape[1:])
        for at, column in enumerate(table.T.contiguous()):
            found[:, at] = torch.take(column, place)
        return found

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:  # noqa: ANN401 - torch's own context
        """Add up the gradient of each row."""
        (place,) = ctx.saved_tensors
        flat = place.flatten()
        sums = [torch.bincount(flat, of.flatten(), minlength=ctx.rows) for of in gradient.unbind(dim=1)]
        return torch.stack(sums, dim=1).to(gradient.dtype), None


def bias_places(age: Tensor, steps: Tensor, seen: Tensor) -> Tensor:
    """Number each pair of a token and a key by the row of `bias_table` that holds, "nothing" first in both.

    Args:
        age: Bucket of the time between them, int64 ``(B, T, S)``.
        steps: Bucket of how many times lie between them, int64 ``(B, T, S)``.
        seen: Whether the token may attend to the key, bool ``(B, T, S)``.

    Returns:
        int64 ``(B, 1 + T, 1 + S)``.
    """
    place = (age * BUCKETS + steps).masked_fill(~seen, UNSEEN)
    place = functional.pad(place, (1, 0, 1, 0), value=UNSEEN)
    place[..., 0] = ALWAYS
    return place


def bias_table(by_age: Tensor, by_steps: Tensor) -> Tensor:
    """Add what each age and each number of steps say, both ``(BUCKETS, W)``, into one table ``(BUCKETS ** 2 + 2, W)``."""
    together = (by_age[:, None] + by_steps).flatten(0, 1)
    unseen_and_always = together.new_tensor([[-math.inf], [0.0]]).expand(2, together.shape[1])
    return torch.cat([together, unseen_and_always])


def log_bucket(distance: Tensor, fineness: int) -> Tensor:
    """Number distances by their size, ``fineness`` to a doubling, from 0 to ``BUCKETS - 1``."""
    return (fineness * torch.log2(1 + distance)).long().clamp(max=BUCKETS - 1)

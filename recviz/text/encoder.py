"""From texts to tokens, and from tokens to one vector a text."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from recviz.errors import BackboneError
from recviz.language import tr
from recviz.text.backbone import Backbone

# N texts, T tokens, H width of the backbone


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """Texts as tokens, right-padded."""

    ids: Tensor
    """int64 ``(N, T)``."""
    mask: Tensor
    """1 on tokens, 0 on padding, int64 ``(N, T)``."""
    offsets: Tensor
    """Where each token stands in its text, in characters, int64 ``(N, T, 2)``; (0, 0) for special tokens."""
    special: Tensor
    """True on tokens that the tokenizer added, bool ``(N, T)``."""
    truncated: Tensor
    """True where the text was longer than the limit, bool ``(N,)``."""

    def rows(self, index: Tensor) -> "TokenBatch":
        """Keep these texts, without columns that only hold padding."""
        length = max(1, int(self.mask[index].sum(dim=1).max())) if len(index) else 1
        return TokenBatch(
            self.ids[index, :length],
            self.mask[index, :length],
            self.offsets[index, :length],
            self.special[index, :length],
            self.truncated[index],
        )

    def __len__(self) -> int:
        return len(self.ids)


class TextEncoder(nn.Module):
    """A backbone with its pooling; the mean over tokens of an encoder, the last token of a decoder."""

    def __init__(self, backbone: Backbone, max_tokens: int) -> None:
        super().__init__()
        self.model = backbone.model
        self.causal = backbone.causal
        self.width = backbone.width
        self.fingerprint = backbone.fingerprint
        self.tokenizer = backbone.tokenizer
        longest = getattr(backbone.model.config, "max_position_embeddings", None) or max_tokens
        self.max_tokens = min(max_tokens, int(longest))

    def tokens(self, texts: Sequence[str]) -> TokenBatch:
        """Tokenise; an empty text keeps one token, so that every text has a vector."""
        clean = [text if text.strip() else self.tokenizer.unk_token or "-" for text in texts]
        made = self.tokenizer(
            clean,
            padding=True,
            truncation=True,
            max_length=self.max_tokens,
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
            return_tensors="pt",
            padding_side="right",
        )
        mask = made["attention_mask"]
        last = made["offset_mapping"][:, :, 1].max(dim=1).values
        ends = torch.tensor([len(text.rstrip()) for text in clean])
        special = made["special_tokens_mask"].bool() & mask.bool()
        return TokenBatch(
            made["input_ids"], mask, made["offset_mapping"], special, (last < ends) & (mask.sum(1) >= self.max_tokens)
        )

    def unknown_share(self, texts: Sequence[str]) -> float:
        """Return the share of tokens that the backbone cannot read."""
        if self.tokenizer.unk_token_id is None:
            return 0.0
        batch = self.tokens([text for text in texts if text.strip()] or [""])
        read = batch.mask.bool() & ~batch.special
        return float((batch.ids[read] == self.tokenizer.unk_token_id).double().mean()) if read.any() else 0.0

    def embed(self, ids: Tensor) -> Tensor:
        """Look up input embeddings, ``(N, T, H)``: where integrated gradients start."""
        embedded: Tensor = self.model.get_input_embeddings()(ids)  # type: ignore[operator]  # transformers' model
        return embedded

    def encode_embeddings(self, embeddings: Tensor, mask: Tensor) -> Tensor:
        """Run the backbone on input embeddings ``(N, T, H)``; pooled, ``(N, H)``."""
        return self.pool(self.model(inputs_embeds=embeddings, attention_mask=mask).last_hidden_state, mask)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Run the backbone on tokens; pooled, ``(N, H)``."""
        return self.pool(self.model(input_ids=ids, attention_mask=mask).last_hidden_state, mask)

    def pool(self, states: Tensor, mask: Tensor) -> Tensor:
        """Pool states ``(N, T, H)`` to ``(N, H)``."""
        if self.causal:
            return states[torch.arange(len(states), device=states.device), mask.sum(dim=1) - 1]
        weight = mask[:, :, None].to(states.dtype)
        return (states * weight).sum(dim=1) / weight.sum(dim=1)

    def encode(self, texts: Sequence[str], size: int) -> Tensor:
        """Return the pooled vectors of texts, so many at once, ``(N, H)`` where the weights are."""
        device = next(self.parameters()).device
        return self.in_groups(self.tokens(texts), size, lambda part, _: self(part.ids.to(device), part.mask.to(device)))

    def in_groups(self, batch: TokenBatch, size: int, run: Callable[[TokenBatch, Tensor], Tensor]) -> Tensor:
        """Run texts in groups of like length; what comes of them stands in the texts' own order.

        Args:
            batch: The texts, ``(N, T)``.
            size: Most texts of a group.
            run: From the tokens of a group and their places in the batch to a row for each text.
        """
        groups = self.by_length(batch, size)
        rows = torch.cat([run(batch.rows(group), group) for group in groups])
        return rows[torch.argsort(torch.cat(groups)).to(rows.device)]

    def by_length(self, batch: TokenBatch, size: int) -> list[Tensor]:
        """Split texts into groups of like length, to spare padding."""
        return list(torch.argsort(batch.mask.sum(dim=1), stable=True).split(size))


class TopEncoder(nn.Module):
    """The last layers of a backbone, fed with the activations below them; weights are shared with the whole."""

    def __init__(self, encoder: TextEncoder, n_layers: int) -> None:
        super().__init__()
        self.n_layers = n_layers
        self.encoder = encoder
        self.top = _last_layers(encoder.model, n_layers)
        ids = torch.arange(1, 7).view(2, 3)
        mask = torch.ones_like(ids)
        with torch.inference_mode():
            whole, part = encoder(ids, mask), self(self.below(ids, mask), mask)
        if not torch.allclose(whole, part, atol=1e-4):
            raise _not_separable(encoder)

    def tuned(self) -> list[nn.Parameter]:
        """Return the parameters that training may change."""
        path, _ = _layer_list(self.encoder.model)
        return list(self.top.get_submodule(path).parameters())

    def below(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the input of the last layers, ``(N, T, H)``."""
        states = self.encoder.model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
        below: Tensor = states[len(states) - 1 - self.n_layers]
        return below

    def forward(self, below: Tensor, mask: Tensor) -> Tensor:
        """Run the last layers and pool, ``(N, H)``."""
        return self.encoder.pool(self.top(inputs_embeds=below, attention_mask=mask).last_hidden_state, mask)


class _PassOn(nn.Module):
    """Stands in for the embeddings: what comes in is what the layers below made."""

    def forward(self, *_: object, inputs_embeds: Tensor, **__: object) -> Tensor:
        return inputs_embeds


class _Zero(nn.Module):
    """Stands in for position embeddings that are in the activations already."""

    def forward(self, positions: Tensor) -> Tensor:
        return torch.zeros(1, device=positions.device)


def _layer_list(model: nn.Module) -> tuple[str, nn.ModuleList]:
    lists = [(name, module) for name, module in model.named_modules() if isinstance(module, nn.ModuleList)]
    if not lists:
        raise BackboneError.of(tr("This backbone has no list of layers"), type(model).__name__, tr("Tune it with full"))
    return max(lists, key=lambda pair: len(pair[1]))


def _last_layers(model: nn.Module, n_layers: int) -> nn.Module:
    path, layers = _layer_list(model)
    if n_layers > len(layers):
        raise BackboneError.of(
            tr("This backbone has {n} layers").format(n=len(layers)),
            tr("top_layers is {n_layers}").format(n_layers=n_layers),
            tr("Choose {n} or fewer").format(n=len(layers)),
        )
    top = _shallow(model)
    holder = top
    *parents, last = path.split(".")
    for name in parents:
        holder._modules[name] = _shallow(holder._modules[name])  # type: ignore[arg-type]  # noqa: SLF001 - a copy that shares weights
        holder = holder._modules[name]  # type: ignore[assignment]  # noqa: SLF001 - torch has no public way to drop a part
    setattr(holder, last, nn.ModuleList(list(layers)[-n_layers:]))
    for part in {id(top): top, id(holder): holder}.values():
        part.config = copy.copy(model.config)
        part.config.num_hidden_layers = n_layers  # type: ignore[union-attr]  # transformers types a config loosely
    if "embeddings" in top._modules:  # noqa: SLF001 - torch has no public way to drop a part
        top.embeddings = _PassOn()
    if "wpe" in top._modules:  # noqa: SLF001 - torch has no public way to drop a part
        top.wpe = _Zero()
    return top


def _shallow(module: nn.Module) -> nn.Module:
    twin = copy.copy(module)
    twin._modules = dict(module._modules)  # noqa: SLF001 - so that the original keeps its own children
    return twin


def _not_separable(encoder: TextEncoder) -> BackboneError:
    return BackboneError.of(
        tr("The last layers of this backbone cannot be run apart from the rest"),
        type(encoder.model).__name__,
        tr("Choose lora, full or frozen tuning"),
    )

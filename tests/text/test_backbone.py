import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from huggingface_hub import errors as hub_errors
from safetensors.torch import load_file, save_file

from recviz.errors import BackboneError
from recviz.text import backbone as backbone_module
from recviz.text import backbone_hub
from recviz.text.backbone import load_backbone
from recviz.text.encoder import TextEncoder, TopEncoder
from recviz.text.tuning import with_lora
from tests.tiny_backbones import KINDS, LAYERS, WIDTH, write_tiny_backbone

AT_ONCE = """
import sys, threading
from recviz.text.backbone import load_backbone
sys.setswitchinterval(1e-6)
together, loaded = threading.Barrier(4), []
def load():
    together.wait()
    loaded.append(load_backbone(sys.argv[1]))
threads = [threading.Thread(target=load) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.exit(len(loaded) != len(threads))
"""
"""In a process of its own: once transformers is imported, nothing can go wrong."""

TEXTS = ["red tent", "the blue sleeping bag's lamp", "Christmas candles", ""]


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("backbones")
    return {kind: write_tiny_backbone(root / kind, kind) for kind in KINDS}


@pytest.fixture
def bert(folders, tmp_path) -> Path:
    """A copy that a test may spoil."""
    return shutil.copytree(folders["bert"], tmp_path / "bert")


def test_a_page_and_the_look_ahead_may_ask_for_the_language_model_at_once(bert):
    done = subprocess.run([sys.executable, "-c", AT_ONCE, str(bert)], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("kind", "causal"), [("bert", False), ("gpt2", True), ("qwen", True)])
def test_encoders_and_decoders_load_from_a_folder(folders, kind, causal):
    loaded = load_backbone(str(folders[kind]))

    assert loaded.causal is causal
    assert loaded.width == WIDTH
    assert not loaded.model.training
    assert next(loaded.model.parameters()).dtype == torch.float32
    assert loaded.tokenizer.pad_token_id is not None


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_has_the_same_vector_whatever_stands_beside_it(folders, kind):
    encoder = TextEncoder(load_backbone(str(folders[kind])), 48).eval()

    with torch.inference_mode():
        together = encoder.tokens(TEXTS)
        whole = encoder(together.ids, together.mask)
        alone = [encoder(made.ids, made.mask)[0] for made in (encoder.tokens([text]) for text in TEXTS)]

    torch.testing.assert_close(whole, torch.stack(alone), atol=1e-5, rtol=1e-4)
    assert whole.shape == (len(TEXTS), WIDTH)


@pytest.mark.parametrize("kind", KINDS)
def test_embeddings_in_place_of_tokens_give_the_same_vectors(folders, kind):
    encoder = TextEncoder(load_backbone(str(folders[kind])), 48).eval()
    made = encoder.tokens(TEXTS)

    with torch.inference_mode():
        by_tokens = encoder(made.ids, made.mask)
        by_embeddings = encoder.encode_embeddings(encoder.embed(made.ids), made.mask)

    torch.testing.assert_close(by_embeddings, by_tokens, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_layers", range(1, LAYERS + 1))
def test_the_last_layers_on_stored_activations_are_the_whole_model(folders, kind, n_layers):
    encoder = TextEncoder(load_backbone(str(folders[kind])), 48).eval()
    top = TopEncoder(encoder, n_layers).eval()
    made = encoder.tokens(TEXTS)

    with torch.inference_mode():
        apart = top(top.below(made.ids, made.mask), made.mask)
        whole = encoder(made.ids, made.mask)

    torch.testing.assert_close(apart, whole, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_lora_starts_from_the_pretrained_vectors_and_can_move_them(folders, kind):
    encoder = TextEncoder(load_backbone(str(folders[kind])), 48).eval()
    made = encoder.tokens(TEXTS)
    with torch.inference_mode():
        before = encoder(made.ids, made.mask)

    encoder.model = with_lora(encoder.model, 4)
    after = encoder(made.ids, made.mask)
    after.sum().backward()

    torch.testing.assert_close(after.detach(), before, atol=1e-5, rtol=1e-4)
    moved = [name for name, weight in encoder.named_parameters() if weight.grad is not None and weight.grad.any()]
    assert moved
    assert all("lora_" in name for name in moved)


@pytest.mark.parametrize("kind", KINDS)
def test_offsets_point_at_the_words_of_the_text(folders, kind):
    encoder = TextEncoder(load_backbone(str(folders[kind])), 48)

    made = encoder.tokens(["red tent"])

    spans = [tuple(span) for span, hidden in zip(made.offsets[0].tolist(), made.special[0].tolist(), strict=True)
             if not hidden]  # fmt: skip
    covered = "".join("red tent"[start:end] for start, end in spans).replace(" ", "")
    assert covered == "redtent"


def test_the_fingerprint_follows_the_weights(folders, bert):
    before = load_backbone(str(folders["bert"])).fingerprint
    weights = load_file(bert / "model.safetensors")
    name = next(name for name in weights if "layer.0" in name)
    weights[name] += 1e-3
    save_file(weights, bert / "model.safetensors", metadata={"format": "pt"})

    assert load_backbone(str(bert)).fingerprint != before
    assert load_backbone(str(folders["bert"])).fingerprint == before


def test_the_default_backbone_is_the_published_one(monkeypatch):
    assert load_backbone("minilm").width == 384

    monkeypatch.setattr(backbone_module, "MINILM_SHA256", "0" * 64)
    with pytest.raises(BackboneError, match="not the published ones"):
        load_backbone("minilm")


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "weights.PKL", "old/rng_state.pth", "modeling.py"])
def test_fault_36_a_folder_with_a_file_that_could_run_code_is_refused(bert, name):
    path = bert / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"anything")

    with pytest.raises(BackboneError, match="could run code when it is read"):
        load_backbone(str(bert))


@pytest.mark.parametrize(
    "setting",
    [
        {"auto_map": {"AutoModel": "modeling.Evil"}},
        {"_attn_implementation_internal": "someone/kernel"},
        {"attn_implementation": "someone/kernel"},
        {"text_config": {"trust_remote_code": True}},
        {"parts": [{"deep": {"_attn_implementation": "someone/kernel"}}]},
    ],
)
@pytest.mark.parametrize("file", ["config.json", "tokenizer_config.json"])
def test_fault_36_a_setting_that_could_run_code_is_refused(bert, setting, file):
    told = json.loads((bert / file).read_text())
    (bert / file).write_text(json.dumps(told | setting))

    with pytest.raises(BackboneError, match="could run code from elsewhere") as caught:
        load_backbone(str(bert))
    assert caught.value.problems[0].where == file


def test_fault_36_a_link_out_of_the_folder_is_refused(bert, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (bert / "vocab.txt").unlink(missing_ok=True)
    (bert / "vocab.txt").symlink_to(secret)

    with pytest.raises(BackboneError, match="leads out of the folder"):
        load_backbone(str(bert))


def test_fault_36_nothing_of_a_malicious_folder_is_run(bert, tmp_path):
    canary = tmp_path / "canary"
    code = f"from pathlib import Path\nPath({str(canary)!r}).touch()\n"
    for name in ("modeling_evil.py", "configuration_evil.py", "tokenization_evil.py", "__init__.py"):
        (bert / name).write_text(code + "class Evil:\n    pass\n")
    (bert / "pytorch_model.bin").write_bytes(f"cpathlib\nPath\n(V{canary}\ntRp0\n0g0\nctouch\n.".encode())
    for file in ("config.json", "tokenizer_config.json"):
        told = json.loads((bert / file).read_text())
        evil = {"AutoConfig": "configuration_evil.Evil", "AutoModel": "modeling_evil.Evil",
                "AutoTokenizer": ["tokenization_evil.Evil", None]}  # fmt: skip
        (bert / file).write_text(json.dumps(told | {"auto_map": evil}))

    with pytest.raises(BackboneError) as caught:
        load_backbone(str(bert))

    assert len(caught.value.problems) >= 5
    assert not canary.exists()


def test_a_folder_that_lacks_something_says_what(bert):
    (bert / "config.json").unlink()
    (bert / "model.safetensors").unlink()

    with pytest.raises(BackboneError, match=r"no config\.json[\s\S]*no weights in the safetensors"):
        load_backbone(str(bert))


def test_weights_that_are_missing_are_not_made_up(bert):
    weights = load_file(bert / "model.safetensors")
    name = next(name for name in weights if "layer.1" in name)
    del weights[name]
    save_file(weights, bert / "model.safetensors", metadata={"format": "pt"})

    with pytest.raises(BackboneError, match="1 of the model's weights are missing"):
        load_backbone(str(bert))


def test_damaged_weights_are_told_in_plain_words(bert):
    whole = (bert / "model.safetensors").read_bytes()
    (bert / "model.safetensors").write_bytes(whole[: len(whole) // 2])

    with pytest.raises(BackboneError, match="could not be loaded"):
        load_backbone(str(bert))


@pytest.mark.parametrize("name", ["../../etc", "a/b/c", "..%2fx", "C:\\models\\x", "", "a b", "x--y"])
def test_a_name_that_is_neither_a_folder_nor_an_id_is_refused(name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(BackboneError, match="neither a folder on this machine nor a model id"):
        load_backbone(name)


def test_without_a_network_a_hub_model_is_a_plain_error(monkeypatch):
    asked = []

    def no_network(_, **options):
        asked.append(options)
        raise hub_errors.LocalEntryNotFoundError("no way out")

    monkeypatch.setattr(backbone_hub, "snapshot_download", no_network)

    with pytest.raises(BackboneError, match="could not be downloaded") as caught:
        load_backbone("someone/some-model")
    assert "minilm" in caught.value.problems[0].mend
    assert [sorted(options["allow_patterns"]) for options in asked] == [sorted(backbone_hub.PLAIN_FILES)] * 2


def test_a_hub_model_that_was_downloaded_loads_through_the_links_of_the_cache(folders, tmp_path, monkeypatch):
    cache = tmp_path / "models--someone--bert"
    shutil.copytree(folders["bert"], cache / "blobs")
    snapshot = cache / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    for blob in (cache / "blobs").iterdir():
        (snapshot / blob.name).symlink_to(Path("../../blobs") / blob.name)
    monkeypatch.setattr(backbone_hub, "snapshot_download", lambda *_, **__: str(snapshot))

    assert load_backbone("someone/bert").fingerprint == load_backbone(str(folders["bert"])).fingerprint

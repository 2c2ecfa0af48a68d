"""Tiny language models with random weights, as transformers would save them: BERT-like, GPT-2-like, Qwen-like."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertModel,
    GPT2Config,
    GPT2Model,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2Model,
)

Kind = Literal["bert", "gpt2", "qwen"]
KINDS: tuple[Kind, ...] = get_args(Kind)
WIDTH, LAYERS = 32, 2
WORDS = ("red", "blue", "tent", "bag", "sleeping", "lamp", "candle", "christmas", "the", "s", "##s", "##y", "-", "'")


def write_tiny_backbone(folder: Path, kind: Kind, words: Sequence[str] = WORDS) -> Path:
    """Save a model and its tokenizer into a folder and return it; the same weights every time."""
    torch.manual_seed(0)
    tokenizer = _word_pieces(words) if kind == "bert" else _bytes(kind)
    model = _model(kind, len(tokenizer))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _model(kind: Kind, vocabulary: int) -> PreTrainedModel:
    match kind:
        case "bert":
            return BertModel(
                BertConfig(
                    vocab_size=vocabulary,
                    hidden_size=WIDTH,
                    num_hidden_layers=LAYERS,
                    num_attention_heads=2,
                    intermediate_size=64,
                    max_position_embeddings=64,
                )
            )
        case "gpt2":
            return GPT2Model(
                GPT2Config(vocab_size=vocabulary, n_embd=WIDTH, n_layer=LAYERS, n_head=2, n_positions=64,
                           bos_token_id=0, eos_token_id=0)
            )  # fmt: skip
        case "qwen":
            return Qwen2Model(
                Qwen2Config(
                    vocab_size=vocabulary,
                    hidden_size=WIDTH,
                    num_hidden_layers=LAYERS,
                    num_attention_heads=2,
                    num_key_value_heads=1,
                    intermediate_size=64,
                    max_position_embeddings=64,
                    bos_token_id=0,
                    eos_token_id=0,
                )
            )


def _word_pieces(words: Sequence[str]) -> PreTrainedTokenizerFast:
    """Words, letters and their continuations."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words, *letters, *(f"##{letter}" for letter in letters)]
    vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    raw = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))  # noqa: S106 - a token of a text
    raw.normalizer = normalizers.BertNormalizer(lowercase=True)
    raw.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    raw.post_processor = processors.BertProcessing(("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"]))
    raw.decoder = decoders.WordPiece()
    return PreTrainedTokenizerFast(
        tokenizer_object=raw,
        unk_token="[UNK]",  # noqa: S106 - no password
        pad_token="[PAD]",  # noqa: S106 - no password
        cls_token="[CLS]",  # noqa: S106 - no password
        sep_token="[SEP]",  # noqa: S106 - no password
        mask_token="[MASK]",  # noqa: S106 - no password
        model_max_length=64,
    )


def _bytes(kind: Kind) -> PreTrainedTokenizerFast:
    """Bytes with a few merges, as GPT-2 and Qwen have them: no unknown token, and GPT-2 none to fill up with."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [("e", "d"), ("e", "n"), ("a", "g"), ("en", "t"), ("t", "ent")]
    pieces = ["<|endoftext|>", "<|pad|>", *alphabet, *("".join(pair) for pair in merges)]
    raw = Tokenizer(models.BPE({piece: number for number, piece in enumerate(pieces)}, merges))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.post_processor = processors.ByteLevel(trim_offsets=True)
    raw.decoder = decoders.ByteLevel()
    pad = {"pad_token": "<|pad|>"} if kind == "qwen" else {}
    return PreTrainedTokenizerFast(
        tokenizer_object=raw,
        eos_token="<|endoftext|>",  # noqa: S106 - no password
        bos_token="<|endoftext|>",  # noqa: S106 - no password
        model_max_length=64,
        **pad,
    )

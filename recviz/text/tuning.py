"""Small trainable additions to a backbone."""

import warnings

from torch import nn


def with_lora(model: nn.Module, rank: int) -> nn.Module:
    """Add low-rank matrices to every linear layer.

    References:
        Hu, E. et al. (2022). LoRA: low-rank adaptation of large language models. ICLR.
    """
    from peft import LoraConfig, get_peft_model
    from transformers.pytorch_utils import Conv1D

    settings = LoraConfig(
        r=rank,
        lora_alpha=2 * rank,
        target_modules="all-linear",
        fan_in_fan_out=any(isinstance(module, Conv1D) for module in model.modules()),  # GPT-2 stores them transposed
    )
    with warnings.catch_warnings():  # peft asks transformers for a name that transformers has renamed
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
        adapted: nn.Module = get_peft_model(model, settings)
    return adapted.eval()

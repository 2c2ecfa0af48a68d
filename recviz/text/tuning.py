"""Small trainable additions to a backbone."""

from peft import LoraConfig, get_peft_model
from torch import nn


def with_lora(model: nn.Module, rank: int) -> nn.Module:
    """Add low-rank matrices to every linear layer.

    References:
        Hu, E. et al. (2022). LoRA: low-rank adaptation of large language models. ICLR.
    """
    settings = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear")
    adapted: nn.Module = get_peft_model(model, settings)
    return adapted.eval()

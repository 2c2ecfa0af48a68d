"""How fast the language model may move: all of its layers together move the texts much further than the last one alone."""

import pytest
import torch

from recviz.model.config import preset_config
from recviz.training.preparing import CHOOSING, Preparation
from tests.logs import make_dataset
from tests.training.small import QUICK, small_frame


@pytest.mark.parametrize(("tuning", "part"), [("top", 1.0), ("lora", 1.0), ("full", 0.1)])
def test_every_layer_at_once_learns_at_a_tenth_of_the_rate(tmp_path, tuning, part):
    dataset = make_dataset(tmp_path / "log", small_frame())
    config = preset_config("fast", dataset=dataset.id, tuning=tuning, **QUICK)

    stage = Preparation(dataset, config, tmp_path / "run", tmp_path / "cache", torch.device("cpu")).stage(CHOOSING, 1)

    network, texts = stage.optimiser.param_groups
    assert texts["peak"] == pytest.approx(part * config.text_rate)
    assert len(texts["params"]) == len(stage.texts.tuned())
    assert network["peak"] > texts["peak"]

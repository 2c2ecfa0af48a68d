"""The backtest: the model and the baselines, asked at the cut about what then happened."""

from collections.abc import Callable
from pathlib import Path

from recviz.evaluate.result import Evaluation
from recviz.model.predictor import Predictor

Report = Callable[[str, int, int], None]
"""Called with what is being done ("baselines", "shares", ...), steps done and steps in all."""


def evaluate_run(predictor: Predictor, folder: Path, progress: Report) -> Evaluation:
    """Compare the model with the baselines on what the cut held out, and write ``folder / "evaluation"``.

    Logs with an order only, and leave-one-out splits, are judged by ranking alone.

    Args:
        predictor: A run opened at its cut.
        folder: The run's folder.
        progress: Told about each step.

    Raises:
        UnsupportedError: If nothing was held out that could be scored.
        ValueError: If the predictor stands at another origin than the cut.
    """
    raise NotImplementedError

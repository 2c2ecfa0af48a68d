"""What a run consists of: fine-tuning, its evaluation, and everybody's curves for the pages."""

import logging
from collections.abc import Callable, Generator
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from recviz.data.dataset import open_dataset
from recviz.errors import UnsupportedError
from recviz.jobs import journal
from recviz.jobs.pace import READING
from recviz.language import mark
from recviz.model.config import RunConfig
from recviz.settings import Settings

if TYPE_CHECKING:
    from recviz.evaluate.result import Comparison
    from recviz.model.predictor import Predictor
    from recviz.training.progress import Progress

_log = logging.getLogger(__name__)


class TheRun:
    """Fine-tuning and evaluation, with the heavy libraries loaded once the worker has said that it lives."""

    def __init__(self, settings: Settings, config: RunConfig, folder: Path) -> None:
        self._settings = settings
        self._config = config
        self._folder = folder
        self._dataset = open_dataset(settings.datasets, config.dataset)

    def phases(self) -> dict[str, float]:
        """Return the phases with their expected lengths."""
        from recviz.jobs.costs import phase_seconds, sizes
        from recviz.model.loading import split_of
        from recviz.training.continuing import Start

        start = Start.read(self._folder)
        chooses = start is None or start.may_choose(split_of(self._dataset, self._config))
        return phase_seconds(sizes(self._dataset, self._config), self._config, chooses=chooses)

    def train(self, ends_early: Callable[[], bool]) -> Generator["Progress"]:
        """Fit; see `recviz.training.finetune.finetune`."""
        import torch

        from recviz.model.checkpoint import CHECKPOINTS
        from recviz.model.device import pick_device
        from recviz.training.finetune import finetune
        from recviz.training.progress import Progress

        if self._settings.threads:
            torch.set_num_threads(self._settings.threads)
        device = pick_device(self._settings.device)
        if len(journal.read(self._folder)) and not any((self._folder / CHECKPOINTS).glob("step-*")):
            yield Progress(READING, 0, 1, 0, note=mark("Started from the beginning: there was no checkpoint yet"))
        yield from finetune(self._dataset, self._config, self._folder, self._settings.cache, device, ends_early)

    def evaluate(self, report: Callable[[str, int, int], None]) -> str:
        """Compare with the baselines, and keep for the pages what takes long.

        Returns:
            In words how the run did; "" where nothing was held out.
        """
        from recviz.model.predictor import load_predictor

        opened = cache(partial(load_predictor, self._dataset, self._folder, device=self._settings.device))
        headline = self._judge(opened, lambda part, at, of: report(part, 3 * at, 4 * of))  # some three quarters of it
        for eighths, origin in ((6, "cut"), (7, "now")):
            report("working out everybody's curves", eighths, 8)
            _keep_curves(opened(origin), headline)
        if headline is None:
            return ""
        low, high = 100 * headline.gain_low, 100 * headline.gain_high
        gain = f"{headline.gain:+z.0%}".replace("%", " %")
        return mark(f"{gain} ({low:z.0f} to {high:z.0f}) against {headline.baseline}")

    def _judge(
        self, opened: Callable[[str], "Predictor"], report: Callable[[str, int, int], None]
    ) -> "Comparison | None":
        from recviz.evaluate.backtest import evaluate_run
        from recviz.forecast.categories import categories_of

        if not opened("cut").split.holds_out:
            _log.info("Nothing is held out, so there is no backtest")
            return None
        try:
            return evaluate_run(
                opened("cut"),
                self._folder,
                report,
                categories_of,
                baselines=self._config.baselines,
                later=lambda: opened("now"),
            ).headline
        except UnsupportedError as error:
            _log.warning("Not evaluated: %s", error)
            return None


def _keep_curves(predictor: "Predictor", headline: "Comparison | None") -> None:
    """Forecast everybody, and what the baseline that came closest expects of them; both are kept with the run."""
    from recviz.forecast.beside import counts_beside
    from recviz.forecast.curves import remembered_volumes

    with suppress(UnsupportedError):  # an order only, or a run that holds out last events
        remembered_volumes(predictor)
        if headline is not None:
            counts_beside(predictor, headline.baseline)

"""How a run learns: the loss on what it learns from and on what it is validated on, phase after phase."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import pandas as pd
import plotly.graph_objects as go

from recviz.language import tr
from recviz.plots.formats import count, decimal
from recviz.plots.template import ACCENT, GREY, RULE, TOP, Chart, escaped, figure, upright, upright_words

TOTAL, RANKING = "loss_total", "loss_validation NDCG@10"
SMOOTHED_PARTS = 25
MOST_POINTS = 400
"""Points of a curve that are drawn; more would be a line all the same."""
HEIGHT = 300
_HOVER = "%{text}<extra></extra>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One phase of training, thinned for a screen. Losses in nats; steps count from the phase's own beginning."""

    phase: str
    last: int
    """Steps that are done."""
    steps: tuple[int, ...]
    losses: tuple[float, ...]
    """Training loss, each the mean of the steps just before: one step alone says little about the log."""
    validation: tuple[tuple[int, float], ...]
    """Pairs of step and validation loss; empty for a phase that has nothing to validate on."""
    ranking: tuple[float, ...] = ()
    """NDCG of the next item at each validation, of a run that is judged by it."""


@dataclass(frozen=True, slots=True)
class Best:
    """Where validation was best."""

    step: int
    loss: float
    ranking: float | None = None


def stretches(metrics: pd.DataFrame) -> tuple[Stretch, ...]:
    """Cut the lines that training has written into its phases, in their order; phases without a loss are left out.

    Args:
        metrics: As `recviz.services.runs.metrics` returns them.
    """
    if TOTAL not in metrics.columns:
        return ()
    told = metrics[metrics[TOTAL].notna() | metrics["validation"].notna()]
    return tuple(_stretch(str(phase), told[told["phase"] == phase]) for phase in told["phase"].unique())


def best(parts: Sequence[Stretch]) -> Best | None:
    """Find the step that ranked best or, where that is not asked, had the lowest loss; ``None`` before a validation."""
    found = [
        Best(step, loss, ndcg) for part in parts for (step, loss), ndcg in zip_longest(part.validation, part.ranking)
    ]
    return min(found, key=lambda one: one.loss if one.ranking is None else -one.ranking, default=None)


def learning_chart(parts: Sequence[Stretch], words: dict[str, str]) -> Chart:
    """Draw training and validation loss; where a later phase counts its steps anew, a line says what begins there.

    Args:
        parts: The phases, in their order.
        words: Phase -> what it is doing, in words.
    """
    title = _title(parts)
    later = list(_placed(parts))[1:]
    drawn = figure(
        title,
        HEIGHT,
        [_training(parts), _validation(parts)],
        x={"title_text": tr("step"), "rangemode": "tozero", "showline": True, "linecolor": RULE},
        y={"title_text": tr("loss (nats, lower is better)"), "nticks": 5},
        shapes=[upright(start, color=GREY) for _, start in later],
        annotations=[
            upright_words(start, escaped(words.get(part.phase, part.phase)), "left", size=12) for part, start in later
        ],
        legend_y=-0.25,
        margin_t=64 if later else TOP,
    )
    alt = tr("Learning curves. {finding}. {last}.")
    return Chart(drawn, alt.format(finding=title, last=_last_words(parts)))


def _stretch(phase: str, rows: pd.DataFrame) -> Stretch:
    stepped, validated = rows.dropna(subset=[TOTAL]), rows.dropna(subset=["validation"])
    smooth = stepped[TOTAL].rolling(max(1, len(stepped) // SMOOTHED_PARTS), min_periods=1).mean()
    every = max(1, -(-len(stepped) // MOST_POINTS))
    return Stretch(
        phase=phase,
        last=int(rows["step"].max()),
        steps=tuple(stepped["step"].iloc[::every].astype(int)),
        losses=tuple(smooth.iloc[::every].astype(float)),
        validation=tuple(zip(validated["step"].astype(int), validated["validation"].astype(float), strict=True)),
        ranking=tuple(validated.get(RANKING, pd.Series(dtype=float)).dropna()),
    )


def _placed(parts: Sequence[Stretch]) -> Iterator[tuple[Stretch, int]]:
    """Yield each phase with the step at which it begins on the common axis."""
    start = 0
    for part in parts:
        yield part, start
        start += part.last


def _training(parts: Sequence[Stretch]) -> go.Scatter:
    x: list[int | None] = []
    y: list[float | None] = []
    text: list[str] = []
    for part, start in _placed(parts):
        if x:
            x, y, text = [*x, None], [*y, None], [*text, ""]  # no line across two phases
        x += [start + step for step in part.steps]
        y += part.losses
        words = tr("Step {n}: training loss {loss}")
        text += [words.format(n=count(s), loss=decimal(v, 3)) for s, v in zip(part.steps, part.losses, strict=True)]
    return go.Scatter(x=x, y=y, mode="lines", name=tr("training"), line={"color": GREY, "width": 1.5}, text=text,
                      hovertemplate=_HOVER)  # fmt: skip


def _validation(parts: Sequence[Stretch]) -> go.Scatter:
    points = [(start + step, step, loss) for part, start in _placed(parts) for step, loss in part.validation]
    return go.Scatter(
        x=[at for at, _, _ in points], y=[loss for _, _, loss in points], mode="lines+markers", name=tr("validation"),
        line={"color": ACCENT, "width": 2.5}, marker={"size": 6}, hovertemplate=_HOVER,
        text=[
            tr("Step {n}: validation loss {loss}").format(n=count(step), loss=decimal(loss, 3))
            for _, step, loss in points
        ],
    )  # fmt: skip


def _title(parts: Sequence[Stretch]) -> str:
    found = best(parts)
    if found is None:
        return tr("Learning")
    if found.ranking is not None:
        words = tr("Best at step {n}: next items ranked with NDCG@10 of {ndcg}")
        return words.format(n=count(found.step), ndcg=decimal(found.ranking, 3))
    words = tr("Best at step {n}: validation loss {loss}")
    return words.format(n=count(found.step), loss=decimal(found.loss, 3))


def _last_words(parts: Sequence[Stretch]) -> str:
    known = [part for part in parts if part.losses]
    if not known:
        return tr("No step yet")
    last = known[-1]
    words = tr("Training loss {loss} at step {n}")
    return words.format(loss=decimal(last.losses[-1], 3), n=count(last.steps[-1]))

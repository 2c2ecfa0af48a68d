"""Runs laid over each other: one user's curves, learning, chances against what happened, and scores beside baselines."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from recviz.evaluate.calibration import chance_gap
from recviz.evaluate.result import Evaluation, TaskName
from recviz.forecast.user_view import UserView
from recviz.language import mark, retold, tr, tr_p
from recviz.plots.comparison_words import user_finding
from recviz.plots.evaluation import Compared, comparison_dots, told
from recviz.plots.formats import count, counted, day, decimal, share, to_datetime
from recviz.plots.learning import best, stretches
from recviz.plots.sentences import span_words
from recviz.plots.template import CATEGORIES, GREY, INK, Chart, escaped, faded, figure, upright, upright_words
from recviz.plots.verdicts import CHART_WORDS, measure_words

CHOOSING = mark("choosing passes")
"""The phase that validates."""
BAND_OPACITY = 0.12
_HOVER = "%{text}<extra></extra>"


def run_colour(at: int) -> str:
    """Return the colour of the run at this place, the same in every chart of a comparison."""
    return CATEGORIES[at % len(CATEGORIES)]


def user_curves(views: Mapping[str, UserView]) -> Chart:
    """Draw one user's curve by each run over the same past, each with its 80 % band, and what really happened.

    Args:
        views: Name of a run -> what it says of the user, all from one origin and by one length of a period.
    """
    first = next(iter(views.values()))
    traces: list[go.Scatter | go.Bar] = [_past(first)]
    for at, (name, view) in enumerate(views.items()):
        traces += [] if view.chance_only else [_band(view, run_colour(at))]
        traces.append(_line(view, name, run_colour(at)))
    longest = max(views.values(), key=lambda view: len(view.mean))
    if longest.actual is not None and not np.isnan(longest.actual).all():
        traces.append(_dots(longest))
    origin = to_datetime(int(first.edges[0]))
    axis = tr("chance of an active {period}") if first.chance_only else tr("active days a {period}")
    drawn = figure(
        "",
        330,
        traces,
        x={"type": "date", "tickformat": tr_p("time axis", "%-d %b\n%Y"), "nticks": 12},
        y={
            "title_text": axis.format(period=tr(first.period)),
            "rangemode": "tozero",
            "nticks": 6,
            "tickformat": ".0%" if first.chance_only else None,
        },
        shapes=[upright(origin, 0.55)],
        annotations=[upright_words(origin, tr("origin {day}").format(day=day(origin)))],
        legend_traceorder="normal",
        bargap=0.2,
        margin_t=30,
    )
    alt = tr("User {user}: {finding}.")
    return Chart(drawn, alt.format(user=first.user_id, finding=curves_finding(views)))


def curves_finding(views: Mapping[str, UserView]) -> str:
    """Say what each run expects of the user over the periods that all have, and what it really was.

    Args:
        views: As `user_curves` takes them; it stands above that chart on the page.
    """
    first = next(iter(views.values()))
    common = min(len(view.mean) for view in views.values())
    totals = [(name, float(view.mean[:common].sum())) for name, view in views.items()]
    span = span_words(common, first.period, first.origin, first.instant)
    return user_finding(totals, _actual(first, common), span)


def learning_overlay(metrics: Mapping[str, pd.DataFrame]) -> Chart | None:
    """Draw the runs' validation losses pass by pass; ``None`` where no run was validated.

    Args:
        metrics: Name of a run -> what `recviz.services.runs.metrics` returns.
    """
    traces, said = [], []
    for at, (name, table) in enumerate(metrics.items()):
        kept = table[table["validation"].notna() & (table["phase"] == CHOOSING)]
        if not len(kept):
            continue
        passes, losses = kept["pass_"].astype(int).tolist(), kept["validation"].astype(float).tolist()
        traces.append(
            go.Scatter(
                x=passes, y=losses, mode="lines+markers", name=escaped(name), hovertemplate=_HOVER,
                line={"color": run_colour(at), "width": 2.5}, marker={"size": 7},
                text=[tr("{run}, pass {n}: validation loss {loss}").format(run=escaped(name), n=count(p), loss=f"{v:.2f}")
                      for p, v in zip(passes, losses, strict=True)],
            )
        )  # fmt: skip
        lowest = best(stretches(table))
        if lowest is not None:
            said.append((name, lowest.loss, int(kept["pass_"][kept["step"] == lowest.step].iloc[0])))
    if not traces:
        return None
    title = _learnt(said)
    drawn = figure(
        title,
        300,
        traces,
        x={"title_text": tr("pass over the log"), "dtick": 1},
        y={"title_text": tr("validation loss (nats, lower is better)"), "nticks": 5},
        legend_y=-0.25,
        showlegend=True,
    )
    words = tr("{run} at best {loss} in pass {n}")
    each = [words.format(run=name, loss=f"{loss:.2f}", n=count(at)) for name, loss, at in said]
    return Chart(drawn, told(tr("Learning curves laid over each other"), each))


def reliability_overlay(found: Mapping[str, Evaluation]) -> Chart | None:
    """Draw how often users returned against the chance that each run said; ``None`` where none was judged so.

    Args:
        found: Name of a run -> its evaluation, in the runs' order.
    """
    judged = {name: one.reliability for name, one in found.items() if one.reliability}
    if not judged:
        return None
    gaps = {name: chance_gap(bins) for name, bins in judged.items()}
    top = max(max(part.predicted, part.observed) for bins in judged.values() for part in bins) * 1.05
    traces = [
        go.Scatter(x=[0, top], y=[0, top], mode="lines", name=tr("said = happened"), hoverinfo="skip",
                   line={"color": GREY, "width": 1.5, "dash": "dash"})
    ]  # fmt: skip
    for name, bins in judged.items():
        words = tr("{run}: where {said} was said, {part} returned ({users})")
        text = [
            words.format(
                run=escaped(name),
                said=share(part.predicted),
                part=share(part.observed),
                users=counted(part.users, "user"),
            )
            for part in bins
        ]
        traces.append(
            go.Scatter(
                x=[part.predicted for part in bins], y=[part.observed for part in bins], mode="lines+markers",
                name=escaped(name), text=text, hovertemplate=_HOVER, marker={"size": 7},
                line={"color": run_colour([*found].index(name)), "width": 2},
            )
        )  # fmt: skip
    nearest = min(gaps, key=gaps.__getitem__)
    title = tr("{run} is nearest to the chance that it says: off by {part} on average")
    if len({share(gap) for gap in gaps.values()}) == 1 and len(gaps) > 1:
        title = tr("The chances to return are off by {part} on average in each run")
    title = title.format(run=nearest, part=share(gaps[nearest]))
    scale = {"tickformat": ".0%", "range": [0, top]}
    drawn = figure(
        title,
        320,
        traces,
        x={"title_text": tr("chance to return that was said"), **scale},
        y={"title_text": tr("share that returned"), **scale},
        legend_y=-0.3,
    )
    return Chart(drawn, told(title, [f"{name} {share(gap)}" for name, gap in gaps.items()]))


def beside_baselines(found: Mapping[str, Evaluation], name: TaskName) -> Chart | None:
    """Draw all runs and all baselines of a task on its main measure; ``None`` where no run has the task.

    Args:
        found: Name of a run -> its evaluation; all judged on the same.
        name: The task.
    """
    tasks = {run: task for run, one in found.items() if (task := one.task(name)) is not None}
    if not tasks:
        return None
    first = next(iter(tasks.values()))
    rows = [
        Compared(name=run, value=value, is_model=True)
        for run, task in tasks.items()
        if (value := task.model.scores.get(first.measure)) is not None
    ]
    rows += [
        Compared(name=retold(method.name), value=value)
        for method in first.methods
        if not method.is_model and (value := method.scores.get(first.measure)) is not None
    ]
    better: Literal["lower", "higher"] = "lower" if first.lower_is_better else "higher"
    what = tr(CHART_WORDS[name])
    leader = (min if first.lower_is_better else max)(rows, key=lambda row: row.value)
    title = tr("{task}: {method} is ahead").format(task=what, method=leader.name)
    drawn = comparison_dots(what, rows, better, measure_words(first.measure), title)
    return Chart(drawn.figure, tr("{finding}. {more}").format(finding=title, more=drawn.alt))


def _learnt(said: Sequence[tuple[str, float, int]]) -> str:
    if not said:
        return tr("Learning")
    name, loss, at = min(said, key=lambda one: one[1])
    words = (
        tr("{run} had its lowest validation loss in pass {n}: {loss}")
        if len(said) == 1
        else tr("Each run by its own validation loss: that of {run} is lowest, {loss} in pass {n}")
    )
    return words.format(run=name, n=count(at), loss=f"{loss:.2f}")


def _actual(view: UserView, periods: int) -> float | None:
    if view.actual is None or np.isnan(view.actual[:periods]).any():
        return None
    return float(view.actual[:periods].sum())


def _past(view: UserView) -> go.Bar:
    text = [
        tr("{day}: {days}").format(day=day(int(start)), days=counted(value, "active day"))
        for start, value in zip(view.past_edges[:-1], view.past, strict=True)
    ]
    widths = [0.78 * float(high - low) / 1000 for low, high in pairwise(view.past_edges)]
    return go.Bar(
        x=_middles(view.past_edges), y=view.past.tolist(), width=widths, name=tr("past"), marker_color=faded(GREY, 0.6),
        text=text, textposition="none", hovertemplate=_HOVER,
    )  # fmt: skip


def _band(view: UserView, colour: str) -> go.Scatter:
    x = np.repeat(view.edges, 2)[1:-1]
    outline = [to_datetime(int(at)) for at in (*x, *x[::-1])]
    across = [*np.repeat(view.bands[:, 1], 2), *np.repeat(view.bands[:, 5], 2)[::-1]]
    return go.Scatter(
        x=outline, y=across, fill="toself", fillcolor=faded(colour, BAND_OPACITY), mode="lines",
        line={"width": 1, "color": faded(colour, 0.5), "dash": "dot"}, hoverinfo="skip", showlegend=False,
    )  # fmt: skip


def _line(view: UserView, name: str, colour: str) -> go.Scatter:
    drawn = view.p_active if view.chance_only else view.mean
    if view.chance_only:
        words = tr("{run}, {period} {n}: active with a chance of {chance}")
        said = [{"chance": share(active)} for active in drawn]
    else:
        words = tr("{run}, {period} {n}: {days} active days expected<br>80 % band: {low} to {high}")
        said = [
            {"days": decimal(mean), "low": decimal(low, 1), "high": decimal(high, 1)}
            for mean, low, high in zip(drawn, view.bands[:, 1], view.bands[:, 5], strict=True)
        ]
    text = [words.format(run=escaped(name), period=tr(view.period), n=k, **one) for k, one in enumerate(said, start=1)]
    return go.Scatter(
        x=_middles(view.edges), y=drawn.tolist(), mode="lines+markers", name=escaped(name), text=text,
        hovertemplate=_HOVER, line={"color": colour, "width": 2.5}, marker={"size": 6},
    )  # fmt: skip


def _dots(view: UserView) -> go.Scatter:
    actual = np.asarray(view.actual, np.float64)
    known, middles = np.flatnonzero(~np.isnan(actual)), _middles(view.edges)
    return go.Scatter(
        x=[middles[k] for k in known], y=actual[known].tolist(), mode="markers", name=tr("what really happened"),
        marker={"color": INK, "size": 8}, hovertemplate=_HOVER,
        text=[
            tr("{day}: really {days}").format(day=day(int(view.edges[k])), days=counted(actual[k], "active day"))
            for k in known
        ],
    )  # fmt: skip


def _middles(edges: np.ndarray) -> list[object]:
    return [to_datetime(int(low + (high - low) // 2)) for low, high in pairwise(edges)]

"""What a run used of the machine while it worked: processor, memory, and the GPU where there is one."""

from collections.abc import Callable

import pandas as pd
import plotly.graph_objects as go

from recviz.plots.formats import decimal, duration, share, size
from recviz.plots.template import ACCENT, RULE, Chart, faded, figure

HEIGHT = 190
MOST_POINTS = 300
MEGABYTE = 1e6


def usage_charts(samples: pd.DataFrame) -> dict[str, Chart]:
    """Draw each thing that was measured as a small area over the time that the run has worked.

    Args:
        samples: As `recviz.services.run_files.resources` returns them; S rows.

    Returns:
        What is drawn -> its chart, without those that were never measured.
    """
    charts = {}
    cores = samples["cpu_percent"] / 100
    charts["processor"] = _area(
        samples["seconds"],
        cores,
        f"{decimal(cores.mean())} cores busy on average",
        lambda v: f"{decimal(v)} cores",
    )
    memory = samples["memory_mb"] * MEGABYTE
    charts["memory"] = _area(samples["seconds"], memory / 1e9, f"Memory: {size(memory.max())} at most", _gigabytes)
    if _measured(samples, "gpu_percent"):
        busy = samples["gpu_percent"] / 100
        charts["gpu"] = _area(
            samples["seconds"], busy, f"GPU busy {share(busy.mean(), 0)} on average", lambda v: share(v, 0)
        )
        charts["gpu"].figure.update_yaxes(tickformat=".0%", range=[0, 1.02])
    if _measured(samples, "gpu_memory_mb"):
        held = samples["gpu_memory_mb"] * MEGABYTE
        charts["gpu memory"] = _area(
            samples["seconds"], held / 1e9, f"GPU memory: {size(held.max())} at most", _gigabytes
        )
    return charts


def _area(seconds: pd.Series, values: pd.Series, title: str, said: Callable[[float], str]) -> Chart:
    every = max(1, -(-len(values) // MOST_POINTS))
    x, y = seconds.iloc[::every] / _unit(seconds)[0], values.iloc[::every]
    drawn = figure(title, HEIGHT, [
        go.Scatter(
            x=x.tolist(), y=y.tolist(), mode="lines", line={"color": ACCENT, "width": 1.5}, fill="tozeroy",
            fillcolor=faded(ACCENT, 0.12), showlegend=False, hovertemplate="%{text}<extra></extra>",
            text=[f"After {duration(at)}: {said(value)}" for at, value in zip(seconds.iloc[::every], y, strict=True)],
        )
    ])  # fmt: skip
    drawn.update_xaxes(title_text=f"{_unit(seconds)[1]} of work", nticks=6, showline=True, linecolor=RULE)
    drawn.update_yaxes(rangemode="tozero", nticks=4)
    drawn.update_layout(title_font_size=14, margin_t=40)
    return Chart(drawn, f"{title}, over {duration(float(seconds.iloc[-1]))}.")


def _unit(seconds: pd.Series) -> tuple[float, str]:
    longest = float(seconds.iloc[-1])
    return (1.0, "seconds") if longest < 180 else (60.0, "minutes") if longest < 3 * 3600 else (3600.0, "hours")  # noqa: PLR2004 - axes to read


def _measured(samples: pd.DataFrame, name: str) -> bool:
    return name in samples.columns and bool(samples[name].notna().any())


def _gigabytes(value: float) -> str:
    return size(value * 1e9)

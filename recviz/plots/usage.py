"""What a run used of the machine while it worked: processor, memory, and the GPU where there is one."""

from collections.abc import Callable

import pandas as pd
import plotly.graph_objects as go

from recviz.language import tr
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
        tr("{n} cores busy on average").format(n=decimal(cores.mean())),
        lambda v: tr("{n} cores").format(n=decimal(v)),
    )
    memory = samples["memory_mb"] * MEGABYTE
    charts["memory"] = _area(
        samples["seconds"], memory / 1e9, tr("Memory: {size} at most").format(size=size(memory.max())), _gigabytes
    )
    if _measured(samples, "gpu_percent"):
        busy = samples["gpu_percent"] / 100
        charts["gpu"] = _area(
            samples["seconds"],
            busy,
            tr("GPU busy {part} on average").format(part=share(busy.mean(), 0)),
            lambda v: share(v, 0),
            tickformat=".0%",
            range=[0, 1.02],
        )
    if _measured(samples, "gpu_memory_mb"):
        held = samples["gpu_memory_mb"] * MEGABYTE
        charts["gpu memory"] = _area(
            samples["seconds"],
            held / 1e9,
            tr("GPU memory: {size} at most").format(size=size(held.max())),
            _gigabytes,
        )
    return charts


def _area(seconds: pd.Series, values: pd.Series, title: str, said: Callable[[float], str], **axis: object) -> Chart:
    every = max(1, -(-len(values) // MOST_POINTS))
    x, y = seconds.iloc[::every] / _unit(seconds)[0], values.iloc[::every]
    drawn = figure(title, HEIGHT, [
        go.Scatter(
            x=x.tolist(), y=y.tolist(), mode="lines", line={"color": ACCENT, "width": 1.5}, fill="tozeroy",
            fillcolor=faded(ACCENT, 0.12), showlegend=False, hovertemplate="%{text}<extra></extra>",
            text=[
                tr("After {time}: {value}").format(time=duration(at), value=said(value))
                for at, value in zip(seconds.iloc[::every], y, strict=True)
            ],
        )
    ], x={"title_text": _unit(seconds)[1], "nticks": 6, "showline": True, "linecolor": RULE},
       y={"rangemode": "tozero", "nticks": 4, **axis}, title_font_size=14, margin_t=40)  # fmt: skip
    alt = tr("{finding}, over {time}.")
    return Chart(drawn, alt.format(finding=title, time=duration(float(seconds.iloc[-1]))))


def _unit(seconds: pd.Series) -> tuple[float, str]:
    longest = float(seconds.iloc[-1])
    if longest < 180:  # noqa: PLR2004 - an axis to read
        return 1.0, tr("seconds of work")
    return (60.0, tr("minutes of work")) if longest < 3 * 3600 else (3600.0, tr("hours of work"))


def _measured(samples: pd.DataFrame, name: str) -> bool:
    return name in samples.columns and bool(samples[name].notna().any())


def _gigabytes(value: float) -> str:
    return size(value * 1e9)

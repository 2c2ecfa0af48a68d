"""Charts of a run at work: what it learns and what it uses."""

import pandas as pd
import pytest

from recviz.plots.learning import MOST_POINTS, Best, best, learning_chart, stretches
from recviz.plots.usage import usage_charts


def lines(phase: str, losses: list[float], validation: dict[int, float] | None = None) -> list[dict[str, object]]:
    """Make the lines of a phase as training writes them: a step each, a validation after its step."""
    made: list[dict[str, object]] = []
    for step, loss in enumerate(losses, start=1):
        made.append({"phase": phase, "step": step, "loss_total": loss, "validation": None})
        if step in (validation or {}):
            made.append({"phase": phase, "step": step, "loss_total": None, "validation": validation[step]})
    return made


def table(*parts: list[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame([line for part in parts for line in part]).astype({"validation": float, "loss_total": float})


def test_a_run_that_has_not_stepped_has_nothing_to_draw():
    assert stretches(pd.DataFrame(columns=["phase", "step", "steps", "pass_", "validation"])) == ()


def test_learning_names_the_best_step():
    parts = stretches(table(lines("choosing passes", [3.0, 2.0, 1.5], {1: 2.5, 3: 2.1})))

    chart = learning_chart(parts, {})

    training, validation = chart.figure.data
    assert chart.figure.layout.title.text == "Best at step 3: validation loss 2.10"
    assert list(validation.y) == [2.5, 2.1]
    assert list(training.y) == [3.0, 2.0, 1.5]
    assert best(parts) == Best(3, 2.1)


def test_a_run_that_ranks_one_next_item_is_best_where_it_ranks_best():
    told = table(lines("choosing passes", [3.0, 2.0, 1.5], {1: 2.1, 3: 2.5}))
    told.loc[told["validation"].notna(), "loss_validation NDCG@10"] = [0.05, 0.0612]

    parts = stretches(told)

    assert best(parts) == Best(3, 2.5, 0.0612)
    assert (
        learning_chart(parts, {}).figure.layout.title.text == "Best at step 3: next items ranked with NDCG@10 of 0.061"
    )


def test_a_refit_goes_on_to_the_right_of_a_line_that_says_what_begins():
    parts = stretches(table(lines("choosing passes", [3.0, 2.0, 1.5], {3: 2.1}), lines("refit", [2.9, 1.9])))

    chart = learning_chart(parts, {"refit": "Learning anew"})

    training, validation = chart.figure.data
    assert list(training.x) == [1, 2, 3, None, 4, 5], "the phases stand beside each other, with no line between"
    assert training.text[-1].startswith("Step 2: "), "a phase counts its own steps"
    assert list(validation.x) == [3]
    assert [line.x0 for line in chart.figure.layout.shapes] == [3]
    assert [note.text for note in chart.figure.layout.annotations] == ["Learning anew"]


def test_a_long_curve_is_thinned_and_smoothed_and_keeps_its_best_step():
    many = 5 * MOST_POINTS
    parts = stretches(table(lines("choosing passes", [1.0 + step % 2 for step in range(many)], {many: 0.5})))

    assert len(parts[0].steps) <= MOST_POINTS
    assert max(abs(loss - 1.5) for loss in parts[0].losses[20:]) < 0.01
    assert best(parts) == Best(many, 0.5)


def usage(**columns: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {"seconds": [2.0, 4.0, 600.0], "cpu_percent": [100.0, 200.0, 150.0], "memory_mb": [500.0, 1200.0, 900.0]}
    ).assign(gpu_memory_mb=columns.get("gpu_memory_mb"), gpu_percent=columns.get("gpu_percent"))  # fmt: skip


def test_what_a_run_uses_is_said_and_a_gpu_that_is_not_there_is_not_drawn():
    charts = usage_charts(usage())

    assert list(charts) == ["processor", "memory"]
    assert charts["processor"].alt == "1.5 cores busy on average, over 10:00 min."
    assert charts["memory"].figure.layout.title.text == "Memory: 1.2 GB at most"
    assert list(charts["memory"].figure.data[0].y) == pytest.approx([0.5, 1.2, 0.9])
    assert charts["memory"].figure.layout.xaxis.title.text == "minutes of work"


def test_a_gpu_has_charts_of_its_own():
    charts = usage_charts(usage(gpu_memory_mb=[1000.0, 9000.0, 9000.0], gpu_percent=[0.0, 90.0, 90.0]))

    assert charts["gpu"].figure.layout.title.text == "GPU busy 60 % on average"
    assert charts["gpu memory"].figure.layout.title.text == "GPU memory: 9.0 GB at most"

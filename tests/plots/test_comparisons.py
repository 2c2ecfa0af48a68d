"""Runs side by side, drawn and said in sentences."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from recviz.evaluate.comparison import Row, RunsCompared
from recviz.evaluate.result import Comparison, Evaluation, Method, ReliabilityBin, Task, TaskName
from recviz.plots import comparison_words, comparisons
from tests.plots.samples import told_title, user_view


def comparison(gain, low, high, verdict):
    return Comparison(
        measure="deviance", baseline="One", difference=0, low=0, high=0, gain=gain, gain_low=low, gain_high=high,
        verdict=verdict,
    )  # fmt: skip


def row(task, measure, values, *comparisons_):
    return Row(
        task=task, measure=measure, lower_is_better=True, users=1447, values=values,
        comparisons=(None, *comparisons_), baseline="LightGBM", baseline_value=0.9,
    )  # fmt: skip


BETTER = comparison(0.04, 0.02, 0.06, "better")
LEVEL = comparison(0.01, -0.02, 0.03, "no difference seen")
WORSE = comparison(-0.12, -0.2, -0.05, "worse")


def compared(*rows, **changes):
    whole = {"runs": ("a", "b"), "names": ("One", "Two"), "compares": (True, True), "period": "week", "periods": 13}
    return RunsCompared(**{**whole, "rows": rows, **changes})


def test_the_headline_says_what_is_better_what_worse_and_what_is_noise():
    found = compared(
        row("counts", "deviance", (0.9, 0.8), BETTER),
        row("counts", "mae", (3.0, 2.9), WORSE),
        row("shares", "log_loss_user", (2.1, 2.1), LEVEL),
        row("ranking", "ndcg@10", (0.2, 0.1), WORSE),
    )

    assert comparison_words.headline(found) == (
        "Two predicts activity 4\u00a0% better and next items 12\u00a0% worse than One; shares of categories: inside the noise"
    )


def test_runs_that_differ_by_noise_alone_are_alike():
    assert comparison_words.headline(compared(row("counts", "deviance", (0.9, 0.9), LEVEL))) == (
        "Two and One predict activity alike: what differs is inside the noise"
    )


def test_the_headline_does_not_compare_what_does_not_compare():
    assert comparison_words.headline(compared(compares=(True, False))) == "The scores of Two and One do not compare"


def test_the_headline_does_not_call_alike_what_was_not_compared():
    ranked = row("ranking", "ndcg@10", (0.3, 0.1), None)

    assert (
        comparison_words.headline(compared(replace(ranked, is_pending=True)))
        == "How Two does against One is being worked out"
    )
    assert comparison_words.headline(compared(ranked)) == "Nothing was judged in both Two and One"


def test_a_cell_says_the_value_the_difference_and_its_interval():
    told = row("counts", "deviance", (0.9, 0.87), LEVEL)
    missing = row("counts", "deviance", (0.9, None), None)

    assert comparison_words.cell_words(told, 0) == "0.900"
    assert comparison_words.cell_words(told, 1) == "0.870, inside the noise (95 %: \u22122 % to 3 %)"
    assert comparison_words.cell_words(missing, 1) == "does not compare"


def test_users_far_apart_are_counted_with_the_run_that_was_nearer():
    table = pd.DataFrame({"gap": [3.0, 2.0, 1.0, 0.5], "nearest": ["b", "b", "a", "a"]})

    assert comparison_words.users_finding(table, {"a": "One", "b": "Two"}) == (
        "For 3 of 4 users the runs lie a day or more apart; Two is nearer to what happened for 67 % of them"
    )
    assert "no user" in comparison_words.users_finding(table[table["gap"] < 1], {"a": "One", "b": "Two"})


def test_both_curves_of_a_user_lie_over_one_past_with_what_happened():
    long_ = user_view(mean=np.array([1.0, 1.0, 1.0, 1.0]))
    short = user_view(
        mean=np.array([0.5, 0.5]), bands=long_.bands[:2], edges=long_.edges[:3], actual=np.array([0.0, 1.0])
    )

    chart = comparisons.user_curves({"One": short, "<b>Two</b>": long_})

    names = [trace.name for trace in chart.figure.data if trace.showlegend is not False]
    assert names == ["past", "One", "&lt;b&gt;Two&lt;/b&gt;", "what really happened"]
    assert chart.alt == (
        "User 17841: One expects 1.0 and <b>Two</b> expects 2.0 active days in the 2 weeks from 10 Sep 2011; really 1 day."
    )
    assert len(chart.figure.data[-1].x) == 3


def test_daily_runs_are_drawn_as_chances_without_a_band():
    daily = user_view(chance_only=True, period="day")

    figure = comparisons.user_curves({"One": daily}).figure

    line = next(trace for trace in figure.data if trace.name == "One")
    assert list(line.y) == daily.p_active.tolist()
    assert "active with a chance of" in line.text[0]
    assert not [trace for trace in figure.data if trace.type == "scatter" and trace.fill == "toself"]
    assert figure.layout.yaxis.title.text == "chance of an active day"


def test_curves_from_now_have_nothing_that_really_happened():
    chart = comparisons.user_curves({"One": user_view("now"), "Two": user_view("now")})

    assert "really" not in chart.alt


def metrics(losses):
    return pd.DataFrame(
        {
            "phase": ["choosing passes"] * 2 * len(losses) + ["refit"],
            "step": [*range(10, 10 * (2 * len(losses) + 1), 10), 5],
            "pass_": [1 + at // 2 for at in range(2 * len(losses))] + [1],
            "validation": [value for loss in losses for value in (None, loss)] + [None],
            "loss_total": [3.0, None] * len(losses) + [2.0],
        }
    )


def test_learning_is_laid_over_each_other_pass_by_pass():
    chart = comparisons.learning_overlay({"One": metrics([2.9, 2.7, 2.8]), "Two": metrics([2.8])})

    assert [trace.name for trace in chart.figure.data] == ["One", "Two"]
    assert chart.figure.data[0].x == (1, 2, 3)
    assert told_title(chart) == ("Each run by its own validation loss: that of One is lowest, 2.70 in pass 2")
    assert comparisons.learning_overlay({"One": metrics([])}) is None


def evaluation(observed, *, value=0.4):
    model = Method(name="the model", is_model=True, scores={"deviance": value})
    base = Method(name="own rate", is_model=False, scores={"deviance": 0.5})
    task = Task(
        name="counts", measure="deviance", lower_is_better=True, users=10, methods=(model, base), comparison=BETTER
    )
    bins = (ReliabilityBin(predicted=0.5, observed=observed, low=0, high=1, users=10),)
    return Evaluation(
        split="time", period="week", horizon=4, periods_scored=4, users=10, active_share=0.5, tasks=(task,),
        reliability=bins,
    )  # fmt: skip


def test_calibration_is_laid_over_each_other_and_says_which_is_nearest():
    chart = comparisons.reliability_overlay({"One": evaluation(0.4), "Two": evaluation(0.48)})

    assert [trace.name for trace in chart.figure.data] == ["said = happened", "One", "Two"]
    assert "Two is nearest" in chart.alt
    assert chart.figure.data[2].line.color == comparisons.run_colour(1)
    assert comparisons.reliability_overlay({}) is None


def test_runs_stand_beside_all_baselines():
    chart = comparisons.beside_baselines({"One": evaluation(0.4), "Two": evaluation(0.4, value=0.6)}, "counts")

    (dots,) = chart.figure.data
    assert list(dots.y) == ["<b>Two</b>", "own rate", "<b>One</b>"]
    assert "Activity: One is ahead" in chart.alt
    assert comparisons.beside_baselines({"One": evaluation(0.4)}, "shares") is None


def test_every_task_has_words():
    assert set(comparison_words.MAIN) == set(get_args(TaskName)) == {task for task, _ in comparison_words.MEASURES}


@pytest.mark.parametrize("key", sorted(comparison_words.MEASURES))
def test_every_measure_says_which_way_is_better(key):
    assert "is better" in comparison_words.MEASURES[key][1]

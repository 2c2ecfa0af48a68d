"""What is drawn of a run's chances, bands and levels says its numbers."""

from dataclasses import replace

import numpy as np
import pytest

from recviz.evaluate.result import Comparison, Evaluation, LaterOrigin, Method, Task
from recviz.evaluate.trust import Coverage, Decile, ReliabilityBin
from recviz.plots.trust import trust_charts
from recviz.plots.verdicts import measure_words, so, task_chart
from tests.plots.samples import told_title


def compared(gain, verdict):
    return Comparison(measure="deviance", baseline="own rate", difference=-gain, low=-gain - 0.1, high=-gain + 0.1, gain=gain,
                      gain_low=gain - 0.1, gain_high=gain + 0.1, verdict=verdict)  # fmt: skip


def origin(day, gain, verdict):
    return LaterOrigin(day=day, periods=4, users=50, model=0.4, baseline=0.5, comparison=compared(gain, verdict),
                       chance_gap=0.02, coverage=(), pit=(0.1,) * 10)  # fmt: skip


BINS = (ReliabilityBin(predicted=0.2, observed=0.3, low=0.1, high=0.5, users=30),
        ReliabilityBin(predicted=0.8, observed=0.8, low=0.5, high=0.9, users=10))  # fmt: skip
FOUND = Evaluation(
    split="time", period="week", horizon=6, periods_scored=2, users=400, active_share=0.8,
    tasks=(Task(name="counts", measure="deviance", lower_is_better=True, users=400,
                methods=(Method(name="the model", is_model=True, scores={"deviance": 0.4}),),
                comparison=compared(0.2, "better")),),
    reliability=BINS,
    reliability_period=BINS[1:],
    deciles=(Decile(users=200, expected=1.0, baseline=1.5, actual=1.2, low=1.0, high=1.4),
             Decile(users=200, expected=6.0, baseline=7.0, actual=5.5, low=5.0, high=6.0)),
    origins=(origin("2025-10-06", 0.2, "better"), origin("2025-11-03", 0.01, "no difference seen"),
             origin("2025-12-01", -0.3, "worse")),
    coverage=(Coverage(of="users", band=0.8, nominal=0.86, observed=0.83, count=400),
              Coverage(of="cohorts", band=0.8, nominal=0.81, observed=0.6, count=40)),
    pit=((0.1,) * 10, (0.06, 0.14, *(0.1,) * 8)),
)  # fmt: skip


@pytest.fixture
def charts():
    return trust_charts(FOUND)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("reliability", "The chance to return at all is off by 7.5 % on average"),
        ("reliability_period", "The chance of a single week is off by 0 % on average"),
        ("coverage", "The 80 % band held 83 % of users; it promised 86 %"),
        ("coverage_cohorts", "The 80 % band held 60 % of groups of users; it promised 81 %"),
        ("pit", "Counts fall evenly over their forecasts, to within 2 %"),
        ("deciles", "The most active tenth had 5.5 active days each; 6.0 were expected"),
        ("origins", "Better than the best baseline from 1 of 3 origins, worse from 1"),
    ],
)
def test_every_chart_is_titled_by_what_was_found(charts, name, title):
    assert told_title(charts[name]) == title
    assert charts[name].alt.startswith(title)


def test_what_happened_stands_beside_what_was_expected(charts):
    expected, baseline, happened = charts["deciles"].figure.data

    assert list(expected.y) == [1.0, 6.0]
    assert list(baseline.y) == [1.5, 7.0]
    assert list(happened.y) == [1.2, 5.5]
    assert list(happened.error_y.arrayminus) == pytest.approx([0.2, 0.5])


def test_each_week_and_all_together_are_drawn_over_what_chance_alone_would_do(charts):
    band, *weeks, together = charts["pit"].figure.data

    assert max(band.y) - 0.1 == pytest.approx(1.96 * np.sqrt(0.09 / 400))
    assert len(weeks) == 2
    assert list(together.y)[:2] == pytest.approx([0.08, 0.12])


def test_origins_are_drawn_from_the_first_on_with_their_intervals(charts):
    dots = charts["origins"].figure.data[0]

    assert list(dots.x) == [0.2, 0.01, -0.3]
    assert dots.y[0] == "2025-10-06, 4 weeks"
    assert list(dots.error_x.array) == pytest.approx([0.1] * 3)


def test_origins_without_a_difference_are_level():
    level = replace(FOUND, origins=(origin("2025-10-06", 0.01, "no difference seen"),) * 2)

    assert told_title(trust_charts(level)["origins"]) == "Level with the best baseline from all 2 origins"


def test_what_was_not_judged_is_not_drawn():
    bare = replace(
        FOUND, reliability=(), reliability_period=(), deciles=(), origins=FOUND.origins[:1], coverage=(), pit=()
    )

    assert trust_charts(bare) == {}


def test_a_part_that_is_too_small_says_so_and_others_are_compared():
    assert so(None) == "too few to compare"
    assert so(compared(0.2, "better")).startswith("20 % better than the best baseline")


def test_a_difference_inside_the_noise_is_not_titled_as_one():
    rows = (Method(name="the model", is_model=True, scores={"deviance": 0.49}),
            Method(name="own rate", is_model=False, scores={"deviance": 0.5}))  # fmt: skip
    task = replace(FOUND.tasks[0], methods=rows, comparison=compared(0.02, "no difference seen"))

    assert told_title(task_chart(task)) == "Activity: level with own rate"
    assert "better than own rate" in told_title(task_chart(replace(task, comparison=compared(0.02, "better"))))


@pytest.mark.parametrize(
    ("key", "words"),
    [("ndcg@10", "NDCG of the first 10"), ("hr@200", "hit in the first 200"), ("mse_user", "squared error per user"),
     ("recall@50", "found among the first 50")],
)  # fmt: skip
def test_measures_have_words(key, words):
    assert measure_words(key) == words

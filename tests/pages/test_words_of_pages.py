"""What pages say, worked out from results without a browser."""

import shlex
from dataclasses import replace

import pandas as pd
import pytest

from recviz.data.findings import CheckReport, ColumnGuess, Rejection
from recviz.evaluate.result import Comparison, Method, Task
from recviz.jobs.job import Job
from recviz.jobs.store import utc_now
from recviz.model.config import preset_config, with_text_changes
from recviz.plots.formats import MINUS
from recviz.plots.verdicts import compared, verdict
from recviz.ui.home_tiles import _best_tile
from recviz.ui.launching import command
from recviz.ui.log_check import outcome
from recviz.ui.log_columns import UNUSED, changed_roles
from recviz.ui.run_words import UNJUDGED, ordinal, progress_words, summary
from recviz.ui.runs_detail import headline
from recviz.ui.runs_filter import Filter, matching
from recviz.ui.runs_learning import happening_words, phase_strip, phases_of
from recviz.ui.runs_table import in_order
from recviz.ui.setting_words import changes_words, in_words, told

JOB = Job(id="balanced-1", name="Balanced on Shop", dataset="shop", preset="balanced", created=utc_now())
COMPARISON = Comparison(
    measure="deviance",
    baseline="shrunken own rate",
    difference=-0.04,
    low=-0.06,
    high=-0.02,
    gain=0.09,
    gain_low=0.05,
    gain_high=0.13,
    verdict="better",
)


def _guess(column, role):
    return ColumnGuess(column=column, role=role, confidence=0.9, reason="its name", samples=(), n_distinct=3, missing=0)


GUESSES = (_guess("who", "user"), _guess("what", "item"), _guess("note", None))


def test_a_table_of_columns_that_nobody_changed_asks_for_nothing():
    assert changed_roles("events", GUESSES, ["User", "Item", UNUSED]) == []


def test_a_changed_role_is_asked_for_and_the_old_one_is_taken_away():
    asked = changed_roles("events", GUESSES, ["User", UNUSED, "Item's title"])

    assert asked == ["user=who", "title=note", "item="]


def test_roles_of_a_side_table_carry_its_name():
    assert changed_roles("items", GUESSES[1:], ["Item", "Item's category"]) == [
        "items.item=what",
        "items.category=note",
    ]


def test_the_command_under_the_form_makes_the_very_settings_of_the_form():
    config = preset_config("balanced", dataset="shop", tuning="lora", cut="2011-09-10", refit=False, rate=5e-4, seed=3)

    words = shlex.split(command(config))

    options = dict(zip(words[3::2], words[4::2], strict=False))
    assert words[:3] == ["recviz", "train", "shop"]
    assert (options["--preset"], options["--tuning"], options["--origin"]) == ("balanced", "lora", "2011-09-10")
    sets = [words[place + 1] for place, word in enumerate(words) if word == "--set"]
    base = preset_config("balanced", dataset="shop", tuning="lora", cut="2011-09-10", seed=3)
    assert with_text_changes(base, dict(text.split("=", 1) for text in sets)) == config


def test_the_command_of_a_comparison_with_published_tables_names_the_split_alone():
    config = preset_config("fast", dataset="shop", split="leave-one-out")

    assert (config.passes, config.refit) == (16, True)
    assert preset_config("thorough", split="leave-one-out").passes == preset_config("thorough").passes == 20
    assert command(config) == "recviz train shop --preset fast --split leave-one-out"
    assert command(replace(config, passes=6)).endswith("--split leave-one-out --set passes=6")
    assert {one.name for one in told(config) if one.is_changed} == {"split"}


def test_a_running_job_says_how_far_it_is_and_how_long_it_takes():
    running = replace(JOB, state="running", progress=0.43, eta_seconds=130.0)

    assert progress_words(running) == "43 %, 2:10 min left"


def test_a_run_at_work_says_where_it_was_best():
    metrics = pd.DataFrame(
        {
            "phase": ["reading texts"] + ["choosing passes"] * 4 + ["refit"],
            "step": [0, 400, 400, 800, 800, 100],
            "validation": [None, None, 2.5, None, 2.4, None],
            "loss_total": [None, 3.0, None, 2.9, None, 2.0],
        }
    )

    assert headline(replace(JOB, state="running"), metrics) == "Balanced on Shop is learning; best at step 800"


@pytest.mark.parametrize(
    ("states", "words"),
    [
        (("completed", "failed"), "Nothing is at work; 1 of 2 runs is ready"),
        (("completed",), "Nothing is at work; the run is ready"),
        (("completed", "completed"), "Nothing is at work; all 2 runs are ready"),
        (("running", "completed"), "Balanced on Shop is at work"),
        (("queued", "evaluating", "queued"), "Balanced on Shop is at work; 2 more wait"),
        (("running", "starting", "queued"), "2 runs are at work; 1 more waits"),
        (("queued",), "1 run waits for a free place"),
    ],
)
def test_the_runs_are_summed_up_in_a_sentence(states, words):
    assert summary([replace(JOB, state=state) for state in states]) == words


def test_places_in_the_queue_are_said_as_people_say_them():
    assert [ordinal(place) for place in (1, 2, 3, 4, 11, 12, 13, 21, 102)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd",
    ]  # fmt: skip


def test_the_table_begins_with_what_is_at_work_and_goes_on_with_the_queue():
    old, next_, later, working = (
        replace(JOB, id=name, state=state)
        for name, state in (("old", "failed"), ("next", "queued"), ("later", "queued"), ("working", "running"))
    )

    ordered = in_order([later, old, next_, working], ["next", "later"])

    assert [job.id for job in ordered] == ["working", "next", "later", "old"]


def test_a_filter_wants_every_word_the_state_and_the_log():
    failed = replace(JOB, id="thorough-2", name="Second try", preset="thorough", state="failed", dataset="forum")
    jobs = [JOB, failed]
    logs = {"shop": "Shop 2011", "forum": "Forum"}

    assert matching(jobs, Filter(), logs) == jobs
    assert matching(jobs, Filter(words="THOROUGH forum"), logs) == [failed]
    assert matching(jobs, Filter(words="thorough 2011"), logs) == []
    assert matching(jobs, Filter(group="Waiting"), logs) == [JOB]
    assert matching(jobs, Filter(dataset="forum"), logs) == [failed]


def test_the_strip_of_phases_says_what_is_done_under_way_and_to_come():
    phases = phases_of(chooses=True, anew=False, judged=True)

    strip = phase_strip(phases, "evaluating: LightGBM")

    assert [strip.count(sign) for sign in "✓●○"] == [2, 1, 0]
    assert phase_strip(phases, "loading").count("○") == 2
    assert phase_strip(phases, "measuring the level").count("✓") == 2
    assert phase_strip(phases, "writing the model").count("✓") == 2


def test_a_run_that_holds_nothing_out_never_says_that_it_is_judged():
    strip = phase_strip(phases_of(chooses=True, anew=False, judged=False), "evaluating: working out everybody's curves")

    assert "Judging" not in strip
    assert [strip.count(sign) for sign in "✓●○"] == [2, 1, 0]
    assert happening_words("evaluating", UNJUDGED) == "Working out everybody's curves"
    assert headline(replace(JOB, state="evaluating"), pd.DataFrame({"phase": []}), judged=False).endswith("curves")


def test_lines_of_a_history_are_told_in_words():
    assert happening_words("choosing passes, pass 2: validation loss 2.4123") == "Pass 2: validation loss 2.4123"
    assert happening_words("reading texts") == "Reading the texts"


def test_settings_are_told_in_words_with_their_preset_beside_them():
    config = preset_config("balanced", dataset="shop", texts_per_step=96, refit=False, cut="2011-09-10")

    changed = {one.label: (one.value, one.preset) for one in told(config) if one.is_changed}

    assert changed == {
        "Held out from": ("2011-09-10", "the last horizon"),
        "Texts per step": ("96", "192"),
        "Learn anew at the end": ("no", "yes"),
    }
    assert changes_words({"texts_per_step": 96, "batch_users": 16, "lora_rank": 4}) == (
        "texts per step 96, histories per step 16 and LoRA rank 4"
    )


@pytest.mark.parametrize(
    ("advice", "said"),
    [
        (
            "Set rate to 0.0005 and text_rate to 1.25e-05 and restart it",
            "Set “Learning rate, network” to 0.0005 and “Learning rate, language model” to 1.25e-05 and restart it",
        ),
        ("restarted, with texts_per_step 96 instead of 192", "restarted, with “Texts per step” 96 instead of 192"),
        ("Lower the learning rate (rate, text_rate)", "Lower the learning rate (rate, text_rate)"),
    ],
)
def test_settings_in_advice_are_called_what_the_form_calls_them(advice, said):
    assert in_words(advice) == said


def test_a_run_that_has_not_stepped_yet_has_a_headline():
    empty = pd.DataFrame(columns=["phase", "step", "steps", "pass_", "validation"])

    assert headline(replace(JOB, state="running"), empty) == "Balanced on Shop is learning"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "9 % better than the best baseline, shrunken own rate (95 %: 5 % to 13 %)"),
        ({"verdict": "worse", "gain": -0.02, "gain_low": -0.04, "gain_high": -0.01},
         f"2 % worse than the best baseline, shrunken own rate (95 %: {MINUS}4 % to {MINUS}1 %)"),
        ({"verdict": "no difference seen", "gain": 0.01, "gain_low": -0.03, "gain_high": 0.05},
         f"level with the best baseline, shrunken own rate (95 %: {MINUS}3 % to 5 %)"),
    ],
)  # fmt: skip
def test_a_difference_inside_the_noise_is_said_to_be_so(changes, words):
    assert verdict(replace(COMPARISON, **changes)) == words


def test_the_model_carries_the_interval_of_its_difference_to_the_best_baseline():
    task = Task(
        name="counts",
        measure="deviance",
        lower_is_better=True,
        users=100,
        methods=(
            Method(name="the model", is_model=True, scores={"deviance": 0.41}),
            Method(name="shrunken own rate", is_model=False, scores={"deviance": 0.45}),
            Method(name="broken", is_model=False, scores={}, failure="could not be fitted"),
        ),
        comparison=COMPARISON,
    )

    rows = compared(task)

    assert [row.name for row in rows] == ["the model", "shrunken own rate"]
    assert (rows[0].low, rows[0].high) == (pytest.approx(0.39), pytest.approx(0.43))
    assert rows[1].low is None


def test_the_outcome_of_a_check_counts_what_is_left_out():
    report = CheckReport(
        n_rows=541_909, n_events=397_884, n_users=4_338, n_items=3_665,
        rejections=(Rejection(reason="no user", n_rows=135_080, first_lines=(623,)),
                    Rejection(reason="Quantity > 0", n_rows=8_945, first_lines=(143,))),
        n_duplicates=0, n_tied=0, n_out_of_order=0, outliers=(), n_changed_by_rules=0, time=None, kinds={},
        targets=(), notes=(), histories=(), problems=(),
    )  # fmt: skip

    assert outcome(report) == "541,909 rows become 397,884 events; 144,025 rows would be left out"


@pytest.mark.parametrize(
    ("state", "words"),
    [("completed", "this run was not judged"), ("running", "known once a run is done")],
)
def test_home_tells_a_run_without_a_backtest_from_one_that_is_not_done(state, words):
    """Catches: a promise that the run will be judged, which it never will."""
    assert _best_tile(replace(JOB, state=state), None)[2] == words

import ast
import re

import pytest

from recviz.baselines.choice import COUNTS, SHARES, VALUES
from recviz.evaluate.comparison import HeldOut, Judged, no_backtest, obstacle
from recviz.evaluate.tasks import stratum_name
from recviz.jobs.verdict import diverged
from recviz.language import CHINESE, PLACE, retold, speaking
from recviz.model.config import preset_config
from recviz.plots.kept_words import KEPT
from recviz.ui.run_words import reason_words
from recviz.ui.runs_learning import happening_words
from recviz.ui.setting_words import in_words
from tools import texts

SPEAKERS = ("baselines", "evaluate", "training", "jobs")
"""Packages that say something in English and keep it."""
HELD_OUT = HeldOut(log="a", split="time", instant=0, period="week")


def _said_in_the_code():
    nodes = (
        node
        for package in SPEAKERS
        for path in (texts.ROOT / "recviz" / package).glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    )
    return "\n".join(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def test_every_kept_sentence_is_one_that_the_code_says():
    said = _said_in_the_code()
    pieces = {piece.strip(" ;:,().") for template in KEPT for piece in PLACE.split(template)[::2]}

    unsaid = [
        piece
        for piece in pieces
        if re.search("[a-z]{3}", piece) and piece not in said and piece.partition(" ")[2] not in said
    ]

    assert unsaid == []


@pytest.mark.parametrize("name", [one.name for one in (*COUNTS.values(), *SHARES.values(), *VALUES.values())])
def test_every_baseline_has_a_chinese_name(name):
    with speaking(CHINESE):
        assert re.search("[\u4e00-\u9fff]", retold(name))


@pytest.mark.parametrize(
    "other",
    [
        HeldOut(log="b", split="time", instant=0, period="week"),
        HeldOut(log="a", split="leave-one-out", instant=0, period="week"),
        HeldOut(log="a", split="time", instant=86_400_000_000, period="week"),
        HeldOut(log="a", split="time", instant=0, period="day"),
    ],
)
def test_what_does_not_compare_is_said_in_chinese_with_the_names_of_the_runs(other):
    sentence = obstacle(
        Judged(run="1", name="First and last", held_out=HELD_OUT), Judged(run="2", name="to be", held_out=other)
    )

    with speaking(CHINESE):
        said = retold(sentence)

    assert "First and last" in said
    assert "to be" in said
    assert not re.search("compare|learnt|look|forecast", said)


def test_a_run_without_a_backtest_is_told_in_chinese():
    with speaking(CHINESE):
        assert (
            retold(no_backtest(Judged(run="1", name="First", held_out=HELD_OUT)))
            == "First 没有回测，没有可对比的得分。"
        )


@pytest.mark.parametrize(
    ("bounds", "said"),
    [((0, 0), "0 个活跃日"), ((1, 1), "1 个活跃日"), ((2, 3), "2 至 3 个活跃日"), ((8, None), "8 个及以上活跃日")],
)
def test_groups_by_activity_are_named_in_chinese(bounds, said):
    with speaking(CHINESE):
        assert retold(stratum_name(*bounds)) == said


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("choosing passes", "训练，每轮后验证"),
        ("choosing passes, pass 1: validation loss 3.1415", "第 1 轮：验证损失 3.1415"),
        ("failed: The disk is full", "失败：磁盘已满"),
        (
            "failed: The loss is no longer a number (step 3 of refit)",
            "失败：损失不再是有效数字（最终训练阶段的第 3 步）",
        ),
        (
            "restarted from the last checkpoint, with texts_per_step 48 instead of 96, rate 0.001 instead of 0.002",
            "已从最后一个检查点重新开始，并更改 “每步文本数” 48（原为 96）、“学习率（网络）” 0.001（原为 0.002）",
        ),
        ("moved to place 1 of 2 in the queue", "移至队列中第 1 位，共 2 个"),
    ],
)
def test_the_history_of_a_run_is_told_in_chinese(kept, said):
    with speaking(CHINESE):
        assert happening_words(kept) == said


def test_a_failure_keeps_its_own_words_in_english():
    reason = "The loss is no longer a number (step 3 of refit)"

    assert reason_words(reason) == reason
    assert reason_words("Stopped by somebody (or nobody") == "Stopped by somebody (or nobody"


def test_advice_names_settings_as_the_page_does_in_both_languages():
    advice = diverged("x", preset_config("fast")).mend

    assert "“Learning rate, network” to 0.0005 and restart it" in in_words(retold(advice))
    with speaking(CHINESE):
        assert "“学习率（网络）” 设为 0.0005，然后重新开始" in in_words(retold(advice))


@pytest.mark.parametrize("found", ["validation loss 9.0123", "NDCG@10 0.0636"])
def test_which_weights_were_kept_is_told_in_chinese(found):
    note = f"Kept the best weights, of pass 14 ({found})"

    with speaking(CHINESE):
        plain, early = retold(note), retold(f"Training ended early, as asked. {note}")

    assert not re.search("[a-z]{3}", plain + early)
    assert "14" in plain
    assert plain in early


def test_up_to_which_pass_a_run_is_trained_anew_is_told_in_chinese():
    note = "Training anew up to pass 5, around which validation was best"

    with speaking(CHINESE):
        said = happening_words(note)

    assert not re.search("[a-z]{3}", said)
    assert "5" in said

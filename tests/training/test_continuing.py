"""A run that starts from another run's weights, on a log that has grown in between."""

import numpy as np
import pandas as pd
import pytest
import torch

from recviz.data.split import END
from recviz.errors import RunFailedError
from recviz.model.checkpoint import read_facts, read_tensors
from recviz.model.config import preset_config
from recviz.model.item_vectors import GAIN_IS_ONE
from recviz.model.predictor import load_predictor
from recviz.training.continuing import MOST_WEIGHT, Start, write_start
from recviz.training.ending import MEASURING, WRITING
from tests.logs import make_dataset
from tests.training.small import CUT, small_frame, train

EARLIER = "2025-06-02"
"""Cut of the run that is continued, before the validation window of the next."""


def grown(frame: pd.DataFrame) -> pd.DataFrame:
    """The newer log: a new item and a new kind whose ids sort first, and new users, so that every row moves."""
    later = frame.tail(60).reset_index(drop=True)
    new = later.assign(item_id=["A-first" if n % 2 else item for n, item in enumerate(later.item_id)], title="Alpine lantern",
                       user_id=[f"0{n % 7}" for n in range(60)], kind="a gift",
                       timestamp=later.timestamp.min() - pd.Timedelta(days=70))  # fmt: skip
    return pd.concat([frame.assign(kind="purchase"), new])


@pytest.fixture(scope="module")
def shops(tmp_path_factory):
    """Folder with the first log, a run on it, and the log that has grown."""
    folder = tmp_path_factory.mktemp("shops")
    frame = small_frame().assign(kind="purchase")
    old = make_dataset(folder / "old", frame[frame.timestamp < CUT])
    new = make_dataset(folder / "new", grown(small_frame()))
    for tuning in ("frozen", "top"):
        train(old, folder / f"first-{tuning}", tuning=tuning, cut=EARLIER, refit=True)
    return folder, old, new


def started(shops, name, tuning="frozen", dataset=None, errors=None, **changes):
    """Prepare and train a run that continues the first one; return its folder and what it reported."""
    folder, old, new = shops
    run = folder / name
    run.mkdir()
    write_start(old, folder / f"first-{tuning}", run, errors or {})
    said = train(dataset or new, run, tuning=tuning, continues="first", **changes)
    return run, said


def rows_of(dataset, run):
    """The run's item ids in the order of its network's rows."""
    return [str(dataset.item_ids[row]) for row in read_tensors(run / "model", "tables")["rows"].tolist()]


def test_on_the_same_log_with_nothing_learnt_the_run_says_what_the_first_one_said(shops):
    folder, old, _ = shops

    run, _ = started(shops, "unmoved", dataset=old, cut=EARLIER, rate=0.0, weight_decay=0.0, continued_passes=1)

    first, again = (load_predictor(old, path, "cut", "cpu") for path in (folder / "first-frozen", run))
    histories = [first.history(int(user)) for user in first.users[:9]]
    assert torch.equal(first.predict(histories).mu, again.predict(histories).mu)
    assert torch.equal(first.item_vectors, again.item_vectors)


def test_rows_of_items_and_kinds_are_found_by_id_in_a_log_where_every_position_moved(shops):
    folder, old, new = shops
    run, said = started(shops, "moved", rate=0.0, weight_decay=0.0, passes=1, refit=False)
    before, after = (read_tensors(path / "model", "network") for path in (folder / "first-frozen", run))
    there, here = rows_of(old, folder / "first-frozen"), rows_of(new, run)

    assert here[0] == "A-first"
    known = [item for item in here if item in there and before["own_gain"][there.index(item)]]
    assert len(known) > 5
    own_then, own_now = (read["identity.weight"] * read["own_gain"][:, None] for read in (before, after))
    for item in known:
        torch.testing.assert_close(own_now[here.index(item)], own_then[there.index(item)])
        assert after["item_bias"][here.index(item)] == before["item_bias"][there.index(item)]
    assert after["item_bias"][0] == 0
    kinds = [kind.name for kind in new.manifest.kinds]
    assert kinds == ["a gift", "purchase"]
    assert torch.equal(after["kind.weight"][1], before["kind.weight"][0])
    assert torch.equal(after["project.weight"], before["project.weight"])
    assert torch.equal(after["text_mean"], before["text_mean"])
    note = next(progress.note for progress in said if progress.note.startswith("Continues"))
    assert note.endswith(f"{len(known)} with a vector of their own, and 1 of 2 kinds")


def test_what_is_too_rare_for_a_vector_of_its_own_by_the_new_settings_has_none(shops):
    """Catches: a vector that is carried over to an item without one, as something over nothing."""
    folder, old, _ = shops
    gain = read_tensors(folder / "first-frozen" / "model", "network")["own_gain"]
    least = int(gain.median() ** 2 * GAIN_IS_ONE)

    run, said = started(shops, "rarer", dataset=old, cut=EARLIER, min_identity_events=least, continued_passes=1)

    opened = load_predictor(old, run, "cut", "cpu")
    lost = (opened.network.own_gain == 0) & (gain > 0)
    assert 0 < lost.sum() < len(gain)
    assert not opened.network.identities()[lost].any()
    assert not opened.network.own_biases()[lost].any()
    assert opened.predict([opened.history(0)]).z.isfinite().all()
    note = next(progress.note for progress in said if progress.note.startswith("Continues"))
    assert f"{int((opened.network.own_gain > 0).sum())} with a vector of their own" in note


def test_tuned_weights_of_the_language_model_carry_over(shops):
    folder, _, _ = shops
    run, _ = started(shops, "tuned", tuning="top", rate=0.0, text_rate=0.0, weight_decay=0.0, passes=1, refit=False)

    before, after = (read_tensors(path / "model", "text") for path in (folder / "first-top", run))

    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_passes_are_chosen_where_the_window_is_unseen_and_given_where_the_first_run_has_seen_it(shops):
    _, unseen = started(shops, "chooses", passes=1, refit=True)
    run, seen = started(shops, "given", dataset=shops[1], cut="2025-06-30", continued_passes=2)

    assert {progress.phase for progress in unseen} >= {"choosing passes", "refit"}
    assert "choosing passes" not in {progress.phase for progress in seen}
    assert all(progress.validation is None for progress in seen)
    assert read_facts(run / "model")["passes"] == 2


def test_a_run_that_holds_out_nothing_learns_the_rest_of_the_log_and_chooses_nothing(shops):
    """Catches: passes that are chosen on the window that is to be learnt from, or a rest that stays unseen."""
    run, said = started(shops, "rest", cut=END, continued_passes=2)
    anew = shops[0] / "anew"

    train(shops[2], anew, cut=END, passes=1, refit=True)

    assert {progress.phase for progress in said} == {"reading texts", "refit", MEASURING, WRITING}
    assert read_facts(run / "model")["passes"] == 2
    for folder in (run, anew):
        gain = read_tensors(folder / "model", "network")["own_gain"]
        assert gain[rows_of(shops[2], folder).index("A-first")] > 0  # which came after the first run's cut alone


@pytest.mark.parametrize("horizon", [4, 8])
def test_a_run_may_look_less_far_or_farther_than_the_one_that_it_continues(shops, horizon):
    """Catches: weights of a period that are asked to fit another number of periods."""
    folder, _, _ = shops
    run, _ = started(shops, f"horizon-{horizon}", horizon=horizon, rate=0.0, weight_decay=0.0, passes=1, refit=False)

    before, after = (read_tensors(path / "model", "network") for path in (folder / "first-frozen", run))
    same = min(horizon, 6) + 1
    for name in ("step.weight", "carry", "popularity_weight"):
        assert len(after[name]) == horizon + 1
        assert torch.equal(after[name][:same], before[name][:same])


@pytest.mark.parametrize(("tuning", "phase"), [("frozen", "choosing passes"), ("top", "refit")])
def test_a_continued_run_that_was_broken_off_resumes_bit_for_bit(shops, tuning, phase):
    folder, old, new = shops
    plan = {"tuning": tuning, "passes": 1, "refit": True, "dropout": 0.3, "continues": "first", "error_weight": 1.0}
    for name in ("straight", "broken"):
        (folder / f"{name}-{tuning}").mkdir()
        errors = {str(user): float(at) for at, user in enumerate(old.user_ids)}
        write_start(old, folder / f"first-{tuning}", folder / f"{name}-{tuning}", errors)
    straight = train(new, folder / f"straight-{tuning}", **plan)

    stop_after = [progress.phase for progress in straight].index(phase) + 8
    first = train(new, folder / f"broken-{tuning}", stop_after=stop_after, **plan)
    rest = train(new, folder / f"broken-{tuning}", **plan)

    assert any("Resumed from step-" in progress.note for progress in rest)
    assert first[-1].phase == phase
    for group in ("network", "tables"):
        whole, pieced = (read_tensors(folder / f"{name}-{tuning}" / "model", group) for name in ("straight", "broken"))
        assert all(torch.equal(whole[name], pieced[name]) for name in whole), group
    assert straight[-1].pass_ == rest[-1].pass_


def test_the_first_run_is_needed_no_more_but_what_was_copied_from_it_is(shops):
    folder, old, new = shops
    run = folder / "orphan"
    run.mkdir()
    write_start(old, folder / "first-frozen", run, {})
    (run / "start" / "network.safetensors").unlink()

    with pytest.raises(RunFailedError, match=r"network\.safetensors is missing"):
        train(new, run, continues="first")
    with pytest.raises(RunFailedError, match="weights that this run starts from are missing"):
        train(new, folder / "without", continues="first")


def test_weights_of_another_shape_are_refused_by_name(shops):
    folder, old, new = shops
    run = folder / "wider"
    run.mkdir()
    write_start(old, folder / "first-frozen", run, {})

    with pytest.raises(RunFailedError, match="do not fit"):
        train(new, run, continues="first", width=24)


def test_users_weigh_as_their_errors_within_bounds_and_unknown_ones_as_the_average():
    errors = {"right": 0.0, "usual": 1.0, "wrong": 2.0, "far off": 20.0, "also usual": 1.0, "more": 0.8}
    start = Start({"errors": errors}, {}, {})
    users = np.array(["right", "wrong", "far off", "unknown"], dtype=object)

    whole = start.user_weights(users, preset_config("fast", error_weight=1.0))
    half = start.user_weights(users, preset_config("fast", error_weight=0.5))

    mean = sum(errors.values()) / len(errors)
    assert whole.tolist() == pytest.approx([0, 2 / mean, MOST_WEIGHT, 1])
    assert half.tolist() == pytest.approx([0.5, 0.5 + 1 / mean, 1 + 0.5 * (20 / mean - 1), 1])
    assert start.user_weights(users, preset_config("fast")) is None

"""Which checkpoints are kept, which is resumed from, and what is said about the others."""

import json
import shutil

import pytest
import torch

from recviz.errors import DivergedError, RunFailedError
from recviz.model.checkpoint import CHECKPOINTS, FORMAT, MARKER, fault_of, read_facts, read_tensors, write_folder
from recviz.model.context import N_FEATURES
from recviz.model.population import N_CALENDAR, N_LEVELS, N_POPULARITY
from recviz.model.predictor import load_predictor
from recviz.training.continuing import START, Start, write_start
from tests.logs import make_dataset
from tests.training.small import small_frame, train


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return make_dataset(tmp_path_factory.mktemp("logs") / "log", small_frame())


@pytest.fixture(scope="module")
def broken_off(dataset, tmp_path_factory):
    """A run that was ended in its third pass."""
    run = tmp_path_factory.mktemp("runs") / "run"
    train(dataset, run, stop_after=24, passes=4, patience=4, refit=True, tuning="top", checkpoint_every=2)
    return run


@pytest.fixture
def run(broken_off, tmp_path):
    shutil.copytree(broken_off, tmp_path / "run")
    return tmp_path / "run"


def newest_first(run):
    return sorted((run / CHECKPOINTS).glob("step-*"), key=lambda path: int(path.name[5:]), reverse=True)


def resumed(dataset, run):
    """What a resumed run says first."""
    said = train(dataset, run, stop_after=3, passes=4, patience=4, refit=True, tuning="top", checkpoint_every=2)
    return [progress.note for progress in said if progress.note], said


def test_a_checkpoint_holds_all_that_training_needs(broken_off):
    newest = newest_first(broken_off)[0]

    groups = {path.stem for path in newest.glob("*.safetensors")}
    facts = read_facts(newest)

    assert (facts["stage"], facts["pass"] > 0, facts["batch"] > 0) == ("choosing passes", True, True)
    assert groups == {"weights", "average", "optimiser", "random", "texts"}
    assert facts.keys() >= {"stage", "step", "pass", "batch", "passes", "accumulated", "search"}
    assert facts["search"].keys() == {"best", "best_words", "best_passes", "best_step", "worse", "found"}
    assert not list(newest.glob("*.bin")) + list(newest.glob("*.pt")) + list(newest.glob("*.pkl"))
    assert json.loads((newest / MARKER).read_text())["files"].keys() == {
        path.name for path in newest.iterdir() if path.name != MARKER
    }


@pytest.mark.parametrize("count", [1, 3])
def test_the_newest_and_the_best_are_kept_and_no_other(dataset, tmp_path, count):
    said = train(
        dataset, tmp_path / "run", passes=4, patience=4, refit=False, checkpoint_every=1, checkpoints_kept=count
    )

    validated = [progress for progress in said if progress.validation is not None]
    best = min(validated, key=lambda progress: progress.validation).step
    newest = list(range(validated[-1].step - count + 1, validated[-1].step + 1))
    assert sorted(int(path.name[5:]) for path in newest_first(tmp_path / "run")) == sorted({best, *newest})


FILES = ("weights", "average", "optimiser", "random", "texts")


@pytest.mark.parametrize("name", [*(f"{each}.safetensors" for each in FILES), "facts.json", MARKER])
@pytest.mark.parametrize("damage", ["missing", "truncated", "changed"])
def test_fault_25_each_file_of_the_newest_that_is_damaged_leads_to_the_one_before_which_is_said(
    dataset, run, name, damage
):
    newest, older = newest_first(run)[:2]
    path = newest / name
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(content[: len(content) // 2] if damage == "truncated" else b"\xff" + content[1:])

    notes, _ = resumed(dataset, run)

    assert notes[0].startswith(f"Resumed from {older.name}; newer ones were passed over: {newest.name}: ")
    assert name in notes[0] or "it was not finished" in notes[0]


def test_fault_25_with_every_checkpoint_damaged_the_run_starts_anew_and_says_why(dataset, run):
    damaged = newest_first(run)
    for folder in damaged:
        (folder / "weights.safetensors").unlink()

    notes, said = resumed(dataset, run)

    assert notes[0].startswith("Started from the beginning; no checkpoint is complete: step-")
    assert notes[0].count("weights.safetensors is missing") == len(damaged) > 1
    assert said[-1].step == 1
    assert newest_first(run) == damaged, "deleted before there is another"


def test_a_run_that_starts_anew_after_an_update_keeps_the_checkpoints_that_it_writes(dataset, run):
    """Catches: those of the version before count as newer, so that what has just been written is deleted."""
    for folder in newest_first(run):
        marker = folder / MARKER
        marker.write_text(json.dumps(json.loads(marker.read_text()) | {"format": FORMAT - 1}))
        folder.rename(folder.with_name(f"step-{10_000 + int(folder.name[5:])}"))

    train(dataset, run, stop_after=7, passes=4, patience=4, refit=True, tuning="top", checkpoint_every=1)

    written = [int(folder.name[5:]) for folder in newest_first(run)]
    assert len(written) == 2
    assert max(written) < 10_000
    assert all(fault_of(folder) is None for folder in newest_first(run))


def test_a_run_that_is_resumed_with_other_threads_says_that_it_may_differ(dataset, run, monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 7)

    notes, _ = resumed(dataset, run)

    assert notes[0].endswith("; the last digits may differ from an uninterrupted run, with threads 7 instead of 1")


def test_what_is_no_checkpoint_is_left_alone(dataset, run):
    newest = newest_first(run)[0].name
    (run / CHECKPOINTS / "step-old copy").mkdir()
    (run / CHECKPOINTS / ".step-99.part").mkdir()

    notes, _ = resumed(dataset, run)

    assert notes[0] == f"Resumed from {newest}"
    assert (run / CHECKPOINTS / "step-old copy").is_dir()


def test_a_format_of_another_version_is_named(run):
    marker = newest_first(run)[0] / MARKER
    marker.write_text(json.dumps(json.loads(marker.read_text()) | {"format": FORMAT + 1}))

    assert fault_of(marker.parent) == f"it has format {FORMAT + 1}, this recviz knows {FORMAT}"


def test_fault_23_a_gradient_that_is_no_number_ends_the_run_before_it_reaches_a_checkpoint(
    dataset, tmp_path, monkeypatch
):
    clipped, after = torch.nn.utils.clip_grad_norm_, 12

    def overflow(weights, largest, steps=[0]):  # noqa: B006 - counts
        steps[0] += 1
        if steps[0] > after:
            weights[0].grad[...] = float("inf")
        return clipped(weights, largest)

    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", overflow)
    with pytest.raises(DivergedError, match=f"step {after + 1} of choosing passes"):
        train(dataset, tmp_path / "run", passes=4, checkpoint_every=1)

    newest = newest_first(tmp_path / "run")[0]
    assert newest.name == f"step-{after}"
    assert all(weight.isfinite().all() for weight in read_tensors(newest, "weights").values())


def test_a_model_of_another_version_is_refused_in_words(tmp_path):
    dataset = make_dataset(tmp_path / "log", small_frame())
    train(dataset, tmp_path / "run", passes=1, refit=False)
    marker = tmp_path / "run" / "model" / MARKER
    marker.write_text(json.dumps(json.loads(marker.read_text()) | {"format": 1}))

    with pytest.raises(RunFailedError, match="trained by another version of recviz"):
        load_predictor(dataset, tmp_path / "run", "cut", "cpu")


def as_of_format(number, model):
    """Write a model's folder as it was before items' own vectors moved by their events (7), before that, several networks told
    of the counts (6), new items were weighed by how few they are (5), popularity counted by period, and values had a start (4);
    returns its weights."""
    groups = {path.stem: read_tensors(model, path.stem) for path in model.glob("*.safetensors")}
    network, facts = groups["network"], read_facts(model)
    network["is_known"] = network.pop("own_gain") > 0
    if number < 7:
        for name in [name for name in network if name.startswith("counts.members.")]:
            weight = network.pop(name)
            if name.startswith("counts.members.0."):
                network[name.replace("members.0.", "")] = weight
        del network["shared_beyond"]
    if number < 6:
        network["popularity_weight"] = network["popularity_weight"][:, :4].clone()
    if number == 4:
        network["popularity_weight"] = network["popularity_weight"][0].clone()
        del facts["collator"]["value_prior"]
    write_folder(model, groups, facts)
    marker = model / MARKER
    marker.write_text(json.dumps(json.loads(marker.read_text()) | {"format": number}))
    return network


def test_own_vectors_of_a_model_of_format_7_are_as_they_were(tmp_path):
    dataset = make_dataset(tmp_path / "log", small_frame())
    train(dataset, tmp_path / "run", passes=1, refit=False)
    network = as_of_format(7, tmp_path / "run" / "model")

    opened = load_predictor(dataset, tmp_path / "run", "cut", "cpu").network

    assert network["is_known"].any()
    assert torch.equal(opened.identities(), network["identity.weight"] * network["is_known"][:, None])
    assert torch.equal(opened.own_biases(), network["item_bias"] * network["is_known"])


def test_a_model_of_format_6_says_of_counts_what_its_one_network_said(tmp_path):
    dataset = make_dataset(tmp_path / "log", small_frame())
    train(dataset, tmp_path / "run", passes=1, refit=False)
    was = load_predictor(dataset, tmp_path / "run", "cut", "cpu").network.counts
    as_of_format(6, tmp_path / "run" / "model")
    torch.manual_seed(0)
    asked = torch.randn(5, N_FEATURES + N_LEVELS), torch.randn(5, 6, N_CALENDAR)

    now = load_predictor(dataset, tmp_path / "run", "cut", "cpu").network.counts

    for one, mean, all_members in zip(was.said_by(0, *asked), now(*asked), was(*asked), strict=True):
        torch.testing.assert_close(one, mean)
        assert not torch.allclose(one, all_members)


def test_a_model_of_format_5_weighs_new_items_as_it_did(tmp_path):
    dataset = make_dataset(tmp_path / "log", small_frame())
    train(dataset, tmp_path / "run", passes=1, refit=False)
    network = as_of_format(5, tmp_path / "run" / "model")

    opened = load_predictor(dataset, tmp_path / "run", "cut", "cpu")

    assert torch.equal(opened.network.popularity_weight[:, :4], network["popularity_weight"])
    assert not opened.network.popularity_weight[:, 4].any()


@pytest.mark.parametrize("number", [5, 6, 7])
def test_a_run_that_was_given_its_start_by_a_version_before_still_starts(tmp_path, number):
    """Catches: a queued run that cannot begin after an update, and has no parent any more to be launched from anew."""
    dataset = make_dataset(tmp_path / "log", small_frame())
    train(dataset, tmp_path / "run", passes=1, refit=False)
    second = tmp_path / "second"
    second.mkdir()
    write_start(dataset, tmp_path / "run", second, {})
    network = as_of_format(number, second / START)

    start = Start.read(second)
    said = train(dataset, second, continues="run", continued_passes=1, rate=0.0, weight_decay=0.0)

    assert said[-1].phase == "writing the model"
    own = load_predictor(dataset, second, "cut", "cpu").network.identities()
    torch.testing.assert_close(own, network["identity.weight"] * network["is_known"][:, None])
    assert torch.equal(start.network["popularity_weight"][:, :4], network["popularity_weight"][:, :4])
    assert start.network["popularity_weight"].shape == (7, N_POPULARITY)


def test_a_model_of_format_4_is_read_and_continued(tmp_path):
    dataset = make_dataset(tmp_path / "log", small_frame())
    train(dataset, tmp_path / "run", passes=1, refit=False)
    network = as_of_format(4, tmp_path / "run" / "model")

    opened = load_predictor(dataset, tmp_path / "run", "cut", "cpu")
    write_start(dataset, tmp_path / "run", tmp_path, {})

    said = opened.predict([opened.history(0), opened.history(1)])
    assert said.popularity_weight.tolist() == [[*network["popularity_weight"].tolist(), 0.0]] * 7
    assert not opened.collator.values.of_items().any()
    start = read_tensors(tmp_path / START, "network")
    assert start["popularity_weight"].shape == (7, N_POPULARITY)
    assert network["value_head.2.weight"].any()
    assert not start["value_head.2.weight"].any()

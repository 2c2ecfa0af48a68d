"""Checkpoints that are cut short, emptied, gone or changed by one bit: file by file, and what a resumed run makes of it."""

import itertools
import random
import shutil

import pytest
import torch

from recviz.model.checkpoint import MARKER, fault_of, newest_complete
from recviz.services import runs
from recviz.training.finetune import finetune
from tests.faults.workspaces import EARLIER

FILES = ("weights.safetensors", "average.safetensors", "optimiser.safetensors", "random.safetensors",
         "texts.safetensors", "facts.json", MARKER)  # fmt: skip
INTERRUPTED_AFTER = 14
"""Steps; checkpoints are written after every third, and at the end of a pass of eight."""
STEPS_COMPARED = 4
pytestmark = pytest.mark.fault(25)


def emptied(path):
    path.write_bytes(b"")


def cut_short(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def gone(path):
    path.unlink()


def changed_by_a_bit(path, seed=0):
    rng = random.Random(f"{path.name} {seed}")  # noqa: S311 - not a secret
    content = bytearray(path.read_bytes())
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)


DAMAGES = (cut_short, emptied, gone, changed_by_a_bit)


def steps_of(ws, run_id):
    """Continue a run in this process, step by step."""
    config = ws.run_config(run_id)
    return finetune(ws.dataset(config.dataset), config, ws.run_folder(run_id), ws.settings.cache, torch.device("cpu"))


@pytest.fixture
def interrupted(ws, config):
    """A run that was left in its second pass, with its checkpoints, newest first."""
    run_id = runs.launch(ws, config, "Interrupted")
    for told in steps_of(ws, run_id):
        if told.losses and told.step == INTERRUPTED_AFTER:
            break
    runs.cancel(ws, run_id)
    checkpoints = ws.run_folder(run_id) / "checkpoints"
    return run_id, sorted(checkpoints.glob("step-*"), key=lambda path: int(path.name[5:]), reverse=True)


def resumed(ws, run_id):
    """Return the note with which a run goes on, and its first losses, by step."""
    noted, losses = "", {}
    for told in steps_of(ws, run_id):
        noted = noted or told.note
        if told.losses and told.validation is None:
            losses[told.step] = told.losses["total"]
        if len(losses) == STEPS_COMPARED:
            break
    return noted, losses


def losses_of_the_whole_run(ws):
    told = runs.metrics(ws, EARLIER)
    taken = told[(told["phase"] == "choosing passes") & told["validation"].isna()]
    return dict(zip(taken["step"], taken["loss_total"], strict=True))


def test_the_files_that_are_damaged_here_are_all_that_a_checkpoint_has(interrupted):
    _, (newest, *_) = interrupted

    assert sorted(path.name for path in newest.iterdir()) == sorted(FILES)


@pytest.mark.parametrize("file", FILES)
def test_a_damaged_file_sends_the_run_back_to_the_checkpoint_before_and_it_says_so(ws, interrupted, tmp_path, file):
    run_id, (newest, before, *_) = interrupted
    whole = losses_of_the_whole_run(ws)
    shutil.copytree(newest, tmp_path / "whole")

    for damage in DAMAGES:
        shutil.rmtree(newest, ignore_errors=True)
        shutil.copytree(tmp_path / "whole", newest)
        damage(newest / file)
        noted, losses = resumed(ws, run_id)

        assert noted.startswith(f"Resumed from {before.name}; newer ones were passed over: {newest.name}: "), damage
        assert file in noted or file == MARKER
        assert min(losses) == int(before.name[5:]) + 1
        assert losses == {step: whole[step] for step in losses}, f"{damage.__name__}: it went on differently"


def test_where_no_checkpoint_is_whole_the_run_begins_anew_and_says_so(ws, interrupted):
    run_id, checkpoints = interrupted
    for folder, damage in zip(checkpoints, itertools.cycle(DAMAGES)):
        damage(folder / "weights.safetensors")

    noted, losses = resumed(ws, run_id)

    assert noted.startswith("Started from the beginning; no checkpoint is complete: ")
    assert all(folder.name in noted for folder in checkpoints)
    whole = losses_of_the_whole_run(ws)
    assert losses == {step: whole[step] for step in range(1, STEPS_COMPARED + 1)}


def test_no_single_bit_of_a_marker_can_change_unnoticed(interrupted):
    _, (newest, *_) = interrupted
    marker = newest / MARKER
    whole = marker.read_bytes()

    for seed in range(150):
        changed_by_a_bit(marker, seed)
        assert fault_of(newest) is not None, marker.read_bytes()
        marker.write_bytes(whole)
    assert fault_of(newest) is None


def test_leftovers_of_a_write_that_was_cut_off_are_no_checkpoint(interrupted):
    _, (newest, *_) = interrupted
    shutil.copytree(newest, newest.with_name(".step-99.part"))
    newest.with_name("step-100").mkdir()

    found, passed_over = newest_complete(newest.parent)

    assert found == newest
    assert passed_over == ["step-100: it was not finished"]

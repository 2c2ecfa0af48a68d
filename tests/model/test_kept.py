"""What a model once answered is read again, and only as long as it is the same model."""

import shutil

import pytest
import torch

from recviz.model.kept import Kept

NUMBERS = {"rate": torch.arange(6.0, dtype=torch.float64).view(2, 3), "users": torch.tensor([3, 1])}


def never():
    raise AssertionError("asked again")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "kept"


def same(found):
    return found.keys() == NUMBERS.keys() and all(torch.equal(found[name], NUMBERS[name]) for name in NUMBERS)


def test_an_answer_is_worked_out_once_and_read_by_the_next_process(folder):
    assert same(Kept(folder, "cut", "run:1:cut").tensors("volumes", lambda: NUMBERS))

    assert same(Kept(folder, "cut", "run:1:cut").tensors("volumes", never))


def test_other_weights_names_and_origins_have_answers_of_their_own(folder):
    Kept(folder, "cut", "run:1:cut").tensors("volumes", lambda: NUMBERS)
    other = {"rate": torch.zeros(1)}

    for kept, name in (
        (Kept(folder, "now", "run:1:now"), "volumes"),
        (Kept(folder, "cut", "run:1:cut"), "texts"),
        (Kept(folder, "cut", "run:2:cut"), "volumes"),
    ):
        assert torch.equal(kept.tensors(name, lambda: other)["rate"], other["rate"])
    assert torch.equal(Kept(folder, "cut", "run:2:cut").tensors("volumes", never)["rate"], other["rate"])


@pytest.mark.parametrize("content", [b"", b"not tensors", b"\xff" * 64])
def test_a_damaged_file_counts_as_absent(folder, content):
    kept = Kept(folder, "cut", "run:1:cut")
    kept.tensors("volumes", lambda: NUMBERS)
    (file,) = folder.iterdir()
    file.write_bytes(content)

    assert same(kept.tensors("volumes", lambda: NUMBERS))
    assert same(kept.tensors("volumes", never))


def test_what_cannot_be_written_is_answered_all_the_same_and_a_deleted_run_does_not_come_back(folder):
    shutil.rmtree(folder.parent)

    assert same(Kept(folder, "cut", "run:1:cut").tensors("volumes", lambda: NUMBERS))
    assert not folder.parent.exists()

"""Files that are there whole or not at all, also where the disk is full."""

import errno

import pytest

from recviz.data import whole


def test_what_a_full_disk_cut_off_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "found.json"
    whole.write_whole(path, b"old")

    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(whole.os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            whole.write_whole(path, b"new")

    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("found.json", b"old")]

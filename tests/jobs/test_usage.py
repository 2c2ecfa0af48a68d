import subprocess
import sys

import pandas as pd
import pytest

from recviz.jobs import usage
from recviz.jobs.usage import MOST_SAMPLES, USAGE, Usage


def burn():
    return sum(n * n for n in range(400_000))


def test_work_and_memory_of_the_process_are_sampled_on_the_clock_of_the_run(tmp_path):
    sampler = Usage(tmp_path, every_seconds=0.0, began=100.0)
    burn()
    sampler.sample()
    burn()
    sampler.sample()

    found = usage.read(tmp_path)

    assert list(found.columns) == list(usage.COLUMNS)
    assert found["seconds"].between(100, 160).all()
    assert found["seconds"].is_monotonic_increasing
    assert found["cpu_percent"].max() > 20
    assert found["memory_mb"].between(30, 50_000).all()
    assert found["gpu_memory_mb"].isna().all()


def test_what_the_process_started_counts_with_it(tmp_path):
    sampler = Usage(tmp_path, every_seconds=0.0, began=0.0)
    sampler.sample()
    child = subprocess.Popen([sys.executable, "-c", "held = bytearray(150_000_000); print(flush=True); input()"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    child.stdout.readline()

    sampler.sample()
    child.communicate(b"\n")
    sampler.sample()

    alone, both, after = usage.read(tmp_path)["memory_mb"]
    assert both > alone + 140
    assert after < both - 140


def test_samples_keep_their_distance(tmp_path):
    sampler = Usage(tmp_path, every_seconds=60.0, began=0.0)

    for _ in range(5):
        sampler.sample()

    assert len(usage.read(tmp_path)) == 1


def test_the_file_of_a_long_run_stays_small_and_spans_all_of_it(tmp_path):
    lines = [f'{{"seconds": {at}, "cpu_percent": 100, "memory_mb": 500}}\n' for at in range(MOST_SAMPLES)]
    (tmp_path / USAGE).write_text("".join(lines))

    Usage(tmp_path, every_seconds=0.0, began=float(MOST_SAMPLES)).sample()

    found = usage.read(tmp_path)
    assert len(found) == MOST_SAMPLES // 2 + 1
    assert found["seconds"].iloc[0] == 0
    assert found["seconds"].iloc[-1] >= MOST_SAMPLES


@pytest.mark.parametrize("torn", ["", '{"seconds": 3, "cpu_'])
def test_a_line_that_a_killed_worker_left_half_written_is_passed_over(tmp_path, torn):
    (tmp_path / USAGE).write_text('{"seconds": 1, "cpu_percent": 2, "memory_mb": 3}\n' + torn)

    assert usage.read(tmp_path)["memory_mb"].tolist() == [3]


def test_a_run_that_has_not_started_used_nothing(tmp_path):
    pd.testing.assert_frame_equal(usage.read(tmp_path), pd.DataFrame(columns=list(usage.COLUMNS), dtype=float))

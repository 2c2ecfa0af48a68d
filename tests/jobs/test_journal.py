from hypothesis import given
from hypothesis import strategies as st

from recviz.jobs import journal
from recviz.jobs.journal import METRICS, MetricsFile
from tests.jobs.scripted import ScriptedStep


def reports(phase, steps, every):
    """What training reports: each step, and a validation after every few."""
    for step in range(1, steps + 1):
        yield ScriptedStep(step, steps, phase, losses={"volume": step / 10})
        if step % every == 0:
            yield ScriptedStep(step, steps, phase, losses={"validation volume": 1.0}, validation=1 / step)


WHOLE = [*reports("fitting", 9, 3), *reports("refitting", 9, 3)]


@given(died=st.integers(0, len(WHOLE)), kept=st.integers(0, len(WHOLE)), torn=st.binary(max_size=9))
def test_after_a_resume_no_step_stands_twice_and_none_is_missing(tmp_path_factory, died, kept, torn):
    folder = tmp_path_factory.mktemp("run")
    kept = min(kept, died)
    with MetricsFile(folder) as first:
        for report in WHOLE[:died]:
            first.write(report)
    with (folder / METRICS).open("ab") as file:
        file.write(torn.replace(b"\n", b""))

    with MetricsFile(folder) as second:
        for report in WHOLE[kept:]:
            second.write(report)

    frame = journal.read(folder)
    if kept < len(WHOLE):
        found = list(zip(frame["phase"], frame["step"], frame["validation"].notna(), strict=True))
        assert found == [(report.phase, report.step, report.validation is not None) for report in WHOLE]


def test_losses_become_columns(tmp_path):
    with MetricsFile(tmp_path) as metrics:
        metrics.write(ScriptedStep(1, 2, losses={"volume": 0.5, "mark": 2.0}))
        metrics.write(ScriptedStep(1, 2, validation=0.25))

    frame = journal.read(tmp_path)

    assert list(frame.columns) == ["phase", "step", "steps", "pass_", "validation", "loss_volume", "loss_mark"]
    assert frame["loss_mark"].tolist()[0] == 2.0
    assert frame["validation"].tolist()[1] == 0.25


def test_a_run_that_has_not_begun_has_an_empty_table_and_no_log(tmp_path):
    assert list(journal.read(tmp_path).columns) == ["phase", "step", "steps", "pass_", "validation"]
    assert journal.tail(tmp_path / journal.LOG, 5) == ""


def test_the_tail_is_the_last_lines(tmp_path):
    path = tmp_path / journal.LOG
    path.write_text("\n".join(f"line {number}" for number in range(5000)) + "\n")

    assert journal.tail(path, 3) == "line 4997\nline 4998\nline 4999"

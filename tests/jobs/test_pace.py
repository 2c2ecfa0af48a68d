import pytest

from recviz.jobs.pace import Pace


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_steady_run_knows_its_end():
    clock = Clock()
    pace = Pace({"fitting": 0.8, "evaluating": 0.2}, clock)

    pace.told("fitting", 0, 100)
    clock.now = 20.0
    pace.told("fitting", 50, 100)

    assert pace.progress == pytest.approx(0.4)
    assert pace.eta_seconds == pytest.approx(20 + 10)


def test_a_resumed_run_is_paced_by_what_it_does_now():
    clock = Clock()
    pace = Pace({"fitting": 1.0}, clock)

    pace.told("fitting", 80, 100)
    clock.now = 10.0
    pace.told("fitting", 90, 100)

    assert pace.eta_seconds == pytest.approx(10)


def test_fault_29_progress_never_falls_and_the_rest_is_never_negative():
    clock = Clock()
    pace = Pace({"preparing": 0.1, "fitting": 0.5, "refitting": 0.4}, clock)
    seen = []

    for phase, step, steps in [("preparing", 1, 1), ("fitting", 3, 4), ("unheard of", 1, 9), ("fitting", 1, 4),
                               ("refitting", 9, 8)]:  # fmt: skip
        clock.now += 1
        pace.told(phase, step, steps)
        seen.append(pace.progress)
        assert pace.eta_seconds is None or pace.eta_seconds >= 0

    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1.0)

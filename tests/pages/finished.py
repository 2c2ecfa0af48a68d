"""A run that has ended, written down as a worker would, without training."""

import json

from recviz.evaluate.result import Comparison, Evaluation, Method, Stratum, Task
from recviz.evaluate.trust import Coverage, Decile, ReliabilityBin
from recviz.jobs.store import utc_now
from recviz.services.workspace import Workspace

COMPARISON = Comparison(
    measure="deviance", baseline="shrunken own rate", difference=-0.04, low=-0.06, high=-0.02,
    gain=0.09, gain_low=0.05, gain_high=0.13, verdict="better",
)  # fmt: skip
EVALUATION = Evaluation(
    split="time", period="week", horizon=6, periods_scored=6, users=48, active_share=0.8,
    tasks=(
        Task(
            name="counts", measure="deviance", lower_is_better=True, users=48,
            methods=(
                Method(name="the model", is_model=True, scores={"deviance": 0.41}),
                Method(name="shrunken own rate", is_model=False, scores={"deviance": 0.45}),
                Method(name="LightGBM", is_model=False, scores={}, failure="Too few users to fit on."),
                Method(name="BG/NBD", is_model=False, scores={"deviance": 0.45}, note="The fit ran away."),
            ),
            comparison=COMPARISON,
            strata=(Stratum(name="1 active day", users=3, model=0.2, baseline=0.3, comparison=None),),
        ),
    ),
    reliability=(ReliabilityBin(predicted=0.2, observed=0.3, low=0.1, high=0.5, users=24),
                 ReliabilityBin(predicted=0.8, observed=0.7, low=0.5, high=0.9, users=24)),
    coverage=(Coverage(of="users", band=0.8, nominal=0.86, observed=0.83, count=48),
              Coverage(of="cohorts", band=0.8, nominal=0.81, observed=0.79, count=4)),
    pit=((0.1,) * 10,) * 6,
    deciles=(Decile(users=24, expected=1.0, baseline=1.1, actual=1.2, low=0.9, high=1.5),
             Decile(users=24, expected=3.0, baseline=2.8, actual=3.1, low=2.5, high=3.7)),
    notes=("Shares were not judged: the log has one category.",),
)  # fmt: skip
STEPS = ("reading texts", 0, None), ("choosing passes", 10, 3.1), ("choosing passes", 20, 2.8)


def begin(ws: Workspace, run_id: str) -> None:
    """Bring a queued run to work, with a first line of metrics."""
    job = ws.jobs.claim_next()
    assert job is not None
    assert job.id == run_id
    ws.jobs.move(run_id, "running", "a worker started", phase="choosing passes", started=utc_now())
    lines = [
        {
            "phase": phase,
            "step": step,
            "steps": 20,
            "pass_": 1,
            "losses": {"total": loss} if loss else {},
            "validation": None,
        }
        for phase, step, loss in STEPS
    ]
    lines.append({"phase": "choosing passes", "step": 20, "steps": 20, "pass_": 1, "losses": {}, "validation": 2.9})
    (ws.run_folder(run_id) / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def finish(ws: Workspace, run_id: str) -> None:
    """Bring a queued run to its end, with an evaluation but no model."""
    begin(ws, run_id)
    folder = ws.run_folder(run_id) / "evaluation"
    folder.mkdir()
    EVALUATION.write(folder)
    ws.jobs.move(run_id, "evaluating", "evaluating")
    ws.jobs.move(run_id, "completed", "completed", progress=1.0, ended=utc_now(), versus_baseline="+9 % (5 to 13)")


def fail(ws: Workspace, run_id: str) -> None:
    """Bring a queued run to a failure."""
    begin(ws, run_id)
    ws.jobs.move(
        run_id, "failed", "failed", ended=utc_now(), reason="The GPU ran out of memory", mend="Try batch_users 32"
    )

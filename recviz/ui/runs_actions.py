"""Runs page: what can be done with a run, in each of its states, and what went wrong with it."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from recviz.errors import Problem, RecvizError
from recviz.jobs.job import Job
from recviz.jobs.store import Place
from recviz.language import mark, retold, spoken, tr
from recviz.services import reports, run_again, run_files, runs
from recviz.services.workspace import Workspace
from recviz.ui.formats import literal
from recviz.ui.guards import show_problems, shown_problems
from recviz.ui.run_words import capitalised, reason_words
from recviz.ui.runs_dialogs import ask
from recviz.ui.session import forget, keep, kept
from recviz.ui.setting_words import changes_words, in_words
from recviz.ui.tuning_form import Pattern, start_from

TOLD = "runs_told"
"""Under this name the problems are kept that stood in the way of the last action."""
CLONED = "runs_cloned"
"""Under this name the run is kept that is to be cloned."""
MOVES: tuple[tuple[Place, str, str, str], ...] = (
    ("first", mark("First"), "vertical_align_top", mark("Let it be the next to start")),
    ("up", "", "arrow_upward", mark("One place sooner")),
    ("down", "", "arrow_downward", mark("One place later")),
)


def show_problem(ws: Workspace, job: Job) -> None:
    """Draw why a run failed, and the next step as a button; nothing for any other run."""
    if job.state != "failed":
        return
    with st.container(border=True, key="runs_problem"):
        st.markdown(f":red[:material/error:] **{literal(capitalised(reason_words(job.reason)))}**")
        if job.mend:
            mend = literal(in_words(retold(job.mend.removesuffix("."))))
            st.markdown(tr("{icon} {advice}.").format(icon=":material/arrow_forward:", advice=mend))
        with st.container(horizontal=True):
            changes = _advised(ws, job)
            if changes:
                st.button(
                    tr("Restart with {changes}").format(changes=changes_words(changes)), key="runs_restart", type="primary",
                    icon=":material/restart_alt:", on_click=_do, args=(partial(_restart, ws, job.id),),
                )  # fmt: skip
            _resume(ws, job, is_first=not changes)


def show_told() -> None:
    """Draw what stood in the way of the last action, once."""
    problems: tuple[Problem, ...] = kept(TOLD, ())
    forget(TOLD)
    show_problems(problems)


def show_actions(ws: Workspace, job: Job, waiting: Sequence[str]) -> None:
    """Draw the buttons of a run.

    Args:
        ws: The workspace.
        job: The run.
        waiting: Ids of all runs that wait, the next one first.
    """
    with st.container(horizontal=True, width="content", vertical_alignment="center", gap="small"):
        if job.id in waiting and len(waiting) > 1:
            _queue(ws, job, waiting)
        if job.state == "completed" and run_files.has_model(ws, job.id):
            _report(ws, job)
            _download(ws, job)
        if job.state == "cancelled":
            _resume(ws, job, is_first=True)
        if not job.has_ended:
            if job.finish_early or runs.can_finish(ws, job):
                _finish(ws, job)
            _cancel(ws, job)
        _more(ws, job)


def open_clone(ws: Workspace) -> None:
    """Open the Fine-tune page with the settings of the run that was to be cloned, those changed that its failure suggests.

    Call it before anything live is drawn: a page that a live part opens stays empty when that part looks again meanwhile.
    """
    run_id = kept(CLONED, "")
    if not run_id:
        return
    forget(CLONED)
    with shown_problems():
        link = start_from(Pattern(run_id, runs.run(ws, run_id).name, run_again.suggested(ws, run_id)))
    st.switch_page("pages/fine_tune.py", query_params=link)


def _resume(ws: Workspace, job: Job, *, is_first: bool) -> None:
    st.button(
        tr("Resume"), key="runs_resume", icon=":material/resume:", type="primary" if is_first else "secondary",
        on_click=_do, args=(partial(runs.resume, ws, job.id),),
        help=tr("Goes on from its newest complete checkpoint, or from the start where there is none."),
    )  # fmt: skip


def _cancel(ws: Workspace, job: Job) -> None:
    st.button(
        tr("Cancel"), key="runs_cancel", icon=":material/stop_circle:", disabled=job.state == "cancelling",
        on_click=_do, args=(partial(runs.cancel, ws, job.id),),
        help=tr("Stops within 10 seconds. Its checkpoints are kept, so that it can be resumed."),
    )  # fmt: skip


def _finish(ws: Workspace, job: Job) -> None:
    st.button(
        tr("Finishing") if job.finish_early else tr("Stop and finish"), key="runs_finish", icon=":material/sports_score:",
        disabled=job.finish_early, on_click=_do, args=(partial(runs.finish, ws, job.id),),
        help=tr("Ends the training now, keeps the best so far, and judges that."),
    )  # fmt: skip


def _report(ws: Workspace, job: Job) -> None:
    st.download_button(
        tr("Report"), data=partial(reports.report_bytes, ws, job.id, spoken()), file_name=f"{job.id}.html", mime="text/html",
        key="runs_report", icon=":material/summarize:", on_click="ignore",
        help=tr("One page to send: the log, the backtest, curves, an explanation. It needs no network; making it takes "
                "up to a minute."),
    )  # fmt: skip


def _download(ws: Workspace, job: Job) -> None:
    st.download_button(
        tr("Download the model"), data=partial(run_files.model_bytes, ws, job.id), file_name=f"{job.id}.zip",
        mime="application/zip", key="runs_download", icon=":material/download:", on_click="ignore",
        help=tr("Its weights, settings and evaluation in one zip."),
    )  # fmt: skip


def _queue(ws: Workspace, job: Job, waiting: Sequence[str]) -> None:
    for to, label, icon, words in MOVES:
        can = waiting[-1 if to == "down" else 0] != job.id
        st.button(
            label and tr(label), key=f"runs_{to}", icon=f":material/{icon}:", help=tr(words), disabled=not can,
            on_click=_do, args=(partial(runs.move_in_queue, ws, job.id, to),),
        )  # fmt: skip


def _more(ws: Workspace, job: Job) -> None:
    choices = {
        "rename": tr("Rename"),
        "clone": tr("Clone with changes"),
        "continue": tr("Continue on a newer log"),
        "rest": tr("Learn the rest of the log"),
        "finish": tr("Finish with the best so far"),
        "delete": tr("Delete"),
    }
    if job.state != "completed":
        del choices["continue"]
    if job.state != "completed" or not run_again.has_rest(ws, job.id):
        del choices["rest"]
    if not (job.has_ended and runs.can_finish(ws, job)):
        del choices["finish"]
    match st.menu_button(tr("More"), list(choices), format_func=lambda what: choices[what], key="runs_more"):
        case "rename" | "continue" | "rest" | "delete" as question:
            ask(question, job.id)
        case "clone":
            keep(CLONED, job.id)
            st.rerun()
        case "finish":
            _do(partial(runs.finish, ws, job.id))
            st.rerun()
        case _:
            pass


def _advised(ws: Workspace, job: Job) -> dict[str, object]:
    with shown_problems():
        config = ws.run_config(job.id)
        advised = run_again.suggested(ws, job.id)
    return {name: after for name, (_, after) in run_again.differences(config, advised).items()}


def _restart(ws: Workspace, run_id: str) -> None:
    run_again.restart(ws, run_id, run_again.suggested(ws, run_id))


def _do(act: Callable[[], object]) -> None:
    """Act; what stands in the way is told when the run is drawn next, for its state may have moved on meanwhile."""
    try:
        act()
    except RecvizError as error:
        keep(TOLD, error.problems)

"""How a run's state is told: words, icon and colour, the same on every page."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from recviz.jobs.job import Job, State
from recviz.language import mark, retold, tr, tr_n, tr_p
from recviz.ui.formats import ago, count, duration, literal, share

ICONS: dict[State, str] = {
    "queued": ":material/hourglass_top:",
    "starting": ":material/rocket_launch:",
    "running": ":material/progress_activity:",
    "evaluating": ":material/fact_check:",
    "cancelling": ":material/stop_circle:",
    "completed": ":material/check:",
    "cancelled": ":material/block:",
    "failed": ":material/error:",
}
COLOURS: dict[State, str] = {"completed": "green", "failed": "red", "cancelled": "gray", "queued": "gray"}
SENTENCES: dict[State, str] = {
    "queued": mark("{name} waits for its turn"),
    "starting": mark("{name} is starting"),
    "running": mark("{name} is learning"),
    "evaluating": mark("{name} has learnt and is now judged beside the baselines"),
    "cancelling": mark("{name} is stopping"),
    "completed": mark("{name} is ready"),
    "cancelled": mark("{name} was cancelled"),
    "failed": mark("{name} failed"),
}
UNJUDGED_SENTENCE = mark("{name} has learnt and is working out everybody's curves")
"""In place of `SENTENCES` ``["evaluating"]`` where nothing is held out."""
WORDS: dict[State, str] = {
    "queued": mark("waiting"),
    "starting": mark("starting"),
    "running": mark("learning"),
    "evaluating": mark("working out its figures"),
    "cancelling": mark("stopping"),
    "completed": mark("ready"),
    "cancelled": mark("cancelled"),
    "failed": mark("failed"),
}
PHASES: dict[str, str] = {
    "reading texts": mark("Reading the texts"),
    "choosing passes": mark("Learning, validated after each pass"),
    "refit": mark("Learning anew from all before the cut"),
    "evaluating": mark("Judging beside the baselines"),
}
"""What a run does, in its order; a phase that is none of these is short."""
UNJUDGED: dict[str, str] = PHASES | {"evaluating": mark("Working out everybody's curves")}
"""The same of a run that holds nothing out: there is nothing to judge it by, and what is left of that phase is this."""
LEARNING = (mark("choosing passes"), mark("refit"))
"""The phases that take steps, as a failure names them."""
SHORT_PHASES: dict[str, str] = {
    "loading": mark("Loading"),
    "starting": mark("Starting"),
    "cancelling": mark("Cancelling"),
    "waiting for its turn": mark("Waiting for its turn"),
    "measuring the level": mark("Measuring at past dates how far everybody's level was off"),
    "writing the model": mark("Writing the model down"),
}


def state_word(state: State) -> str:
    """Say a state in a word or two."""
    return tr(WORDS[state])


def state_badge(job: Job) -> None:
    """Draw the state; a finished run says how long ago."""
    words = state_word(job.state)
    if job.state == "completed" and job.ended:
        words = tr("{state}, {ago}").format(state=words, ago=ago(job.ended, datetime.now(UTC)))
    st.badge(words, icon=ICONS[job.state], color=COLOURS.get(job.state, "blue"))  # type: ignore[arg-type]  # the colours are Streamlit's


def phase_words(phase: str) -> str:
    """Say what a run is doing; a phase with a part, ``evaluating: LightGBM``, says the part too."""
    name, _, part = phase.partition(": ")
    words = tr(PHASES.get(name) or SHORT_PHASES.get(name) or name.capitalize())
    return tr("{phase}: {part}").format(phase=words, part=retold(part)) if part else words


def reason_words(reason: str) -> str:
    """Say why a run failed, which is kept in English: what is wrong, and mostly where, in brackets."""
    said = retold(reason)
    whole = re.fullmatch(r"(.+) \((.+)\)", reason)
    if said != reason or whole is None:
        return said
    what, where = whole.groups()
    step = re.fullmatch(r"step (\S+) of (.+)", where)
    if step is not None and step[2] in LEARNING:
        place = tr_p("where a run failed", "step {n} of {phase}").format(n=step[1], phase=tr(step[2]))
    else:
        place = retold(where)
    return tr("{what} ({where})").format(what=retold(what), where=place)


def gain_words(job: Job) -> str:
    """Say how far a run is from the best baseline, with the interval alone; "" where that is not known."""
    found = re.match(r"(.+?) \((.+?) to (.+?)\)", job.versus_baseline)
    if found is None:
        return job.versus_baseline
    return tr("{gain} ({low} to {high})").format(gain=found[1], low=found[2], high=found[3])


def progress_words(job: Job) -> str:
    """Say how far a run is: ``43 %, 2:10 min left``; how long it took once it has ended."""
    if not job.is_active:
        return time_words(job)
    left = time_words(job)
    return tr("{done}, {left}").format(done=share(job.progress, 0), left=left) if left else share(job.progress, 0)


def time_words(job: Job) -> str:
    """Say how long a run still takes, or took; "" where nothing is known yet."""
    if job.has_ended:
        return tr("took {time}").format(time=duration(job.took_seconds)) if job.took_seconds else tr("did not start")
    if not job.is_active:
        return uncapitalised(phase_words(job.phase))
    return "" if job.eta_seconds is None else tr("{time} left").format(time=duration(job.eta_seconds))


def summary(jobs: Sequence[Job]) -> str:
    """Say in a sentence how all the runs are doing."""
    active = [job for job in jobs if job.is_active]
    waiting = sum(job.state == "queued" for job in jobs)
    if active:
        now = tr("{name} is at work") if len(active) == 1 else tr("{n} runs are at work")
        now = now.format(name=literal(active[0].name), n=count(len(active)))
        then = tr_n("{now}; {n} more waits", "{now}; {n} more wait", waiting)
        return then.format(now=now, n=count(waiting)) if waiting else now
    if waiting:
        words = tr_n("{n} run waits for a free place", "{n} runs wait for a free place", waiting)
        return words.format(n=count(waiting))
    ready = sum(job.state == "completed" for job in jobs)
    if ready == len(jobs):
        words = (
            tr("Nothing is at work; the run is ready")
            if ready == 1
            else tr("Nothing is at work; all {n} runs are ready")
        )
        return words.format(n=count(ready))
    words = tr_n(
        "Nothing is at work; {n} of {all} runs is ready", "Nothing is at work; {n} of {all} runs are ready", ready
    )
    return words.format(n=count(ready), all=count(len(jobs)))


def ordinal(place: int) -> str:
    """Write a place in a queue: ``1st``, ``2nd``, ``11th``."""
    last = 0 if place % 100 in {11, 12, 13} else place % 10
    ending = {
        1: tr_p("place in a queue", "{n}st"),
        2: tr_p("place in a queue", "{n}nd"),
        3: tr_p("place in a queue", "{n}rd"),
    }
    return ending.get(last, tr_p("place in a queue", "{n}th")).format(n=place)


def capitalised(words: str) -> str:
    """Begin with a capital letter and leave the rest, names in it too, as it is."""
    return words[:1].upper() + words[1:]


def uncapitalised(words: str) -> str:
    """Go on in a sentence: begin with a small letter and leave the rest as it is."""
    return words[:1].lower() + words[1:]

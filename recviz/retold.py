"""What was said in English and kept - in the job store, in an evaluation, in an open model - said to today's reader.

Workers, backtests and open models outlive the visitor whom they are shown to, so that they keep English sentences.
Each is listed here as a template; a sentence that fits one is said anew, its values with it.
"""

import re
from functools import cache

from recviz.language import ENGLISH, mark, spoken, tr

KEPT = (
    # states and what happens to a run
    mark("queued"), mark("starting"), mark("running"), mark("evaluating"), mark("cancelling"), mark("completed"),
    mark("cancelled"), mark("failed"), mark("refit"), mark("choosing passes"), mark("writing the model"),
    mark("reading texts"), mark("loading"),
    mark("starting a worker"),
    mark("a worker started (process {pid})"),
    mark("cancelled before it started"),
    mark("cancel was asked for"),
    mark("stop and finish was asked for: training ends early, the best so far is kept and evaluated"),
    mark("queued again"),
    mark("queued again: its worker was never started"),
    mark("restarted from the beginning"),
    mark("restarted from the last checkpoint"),
    mark("restarted from the beginning, with {changes}"),
    mark("restarted from the last checkpoint, with {changes}"),
    mark("moved to place {place} of {all} in the queue"),
    mark("told the webhook at {host} of the end"),
    mark("the webhook at {host} could not be told of the end: {why}"),
    mark("failed: {reason}"),
    mark("pass {n}: validation loss {loss}"),
    mark("Started from the beginning: there was no checkpoint yet"),
    mark("Started from the beginning; no checkpoint is complete: {why}"),
    mark("Training ended early, as asked. {note}"),
    mark("Resumed from {checkpoint}"),
    mark("Resumed from {checkpoint}; newer ones were passed over: {why}"),
    mark("Resumed from {checkpoint}; the last digits may differ from an uninterrupted run, with {changed}"),
    mark(
        "Resumed from {checkpoint}; newer ones were passed over: {why}; "
        "the last digits may differ from an uninterrupted run, with {changed}"
    ),
    mark(
        "Continues {run}: {known} of {items} items were known to it, {own} with a vector of their own, "
        "and {kinds} of {all} kinds"
    ),
    mark("CPU, {n} core"),
    mark("CPU, {n} cores"),
    mark("{gain} ({low} to {high}) against {baseline}"),
    mark("{gain} ({low} to {high})"),
    # why runs fail, and what to do about it
    mark("The loss is no longer a number"),
    mark("The gradient is no longer a number"),
    mark("step {n} of {phase}"),
    mark("Lower the learning rate (rate, text_rate), or check the log for extreme values"),
    mark("The disk is full"),
    mark("the disk is full"),
    mark("Free some space, for example by deleting runs, then resume it: {how}"),
    mark("Free some space on the disk of the workspace, then try again"),
    mark("it goes on from its last checkpoint"),
    mark("it begins anew with them"),
    mark("it begins anew with it"),
    mark("Resume it: {how}"),
    mark("the machine was restarted while it ran"),
    mark("the worker died"),
    mark("the worker died (signal {signal})"),
    mark("the worker died (signal 9): the machine probably ran out of memory, of which it held {share}"),
    mark("the worker ended with code {code}"),
    mark("The end of its log says why; then resume it"),
    mark("Somebody ended it, or the machine ran out of memory: resume it, and if it dies again: {advice}"),
    mark("The worker was asked to end (signal 15)"),
    mark("its worker could not be started: {error}"),
    mark("Mend that on this machine, then resume it"),
    mark("The memory of the device was not enough"),
    mark("Set {changes} and restart it: {how}. Closing other programs helps too"),
    mark(
        "Set {changes} and restart it: {how}, the last good one. If it happens again, look for extreme values in the log"
    ),
    mark("{one} to {value} and {other} to {second}"),
    mark("{one} to {value}"),
    mark("Close other programs, or use a machine with more memory: no setting would take less"),
    mark("The GPU was lost"),
    mark("Look at the machine, then resume it: {how}. With RECVIZ_DEVICE=cpu it goes on without the GPU"),
    mark("Something unexpected happened: {error}"),
    mark("The end of the log says where; please report it. Resuming goes on from the last checkpoint"),
    mark("The weights that this run starts from are missing"),
    mark("The weights that this run starts from are not whole: {fault}"),
    mark("Launch it anew"),
    mark("The weights of the run to continue do not fit this run's"),
    mark("It was trained with other settings or by another version of recviz: start anew"),
    mark("No user has an event before the origin"),
    mark("the log"),
    mark("origin"),
    mark("Choose a later origin"),
    mark("run {run}"),
    mark("log {log}"),
    # the job store
    mark("Another worker has taken this run over"),
    mark("Nothing needs to be done"),
    mark("This run does not wait in the queue"),
    mark("Look at its state anew"),
    mark("This run is still at work"),
    mark("Cancel it first"),
    mark("There is no run {run}"),
    mark("this workspace"),
    mark("Pick a run from the Runs page"),
    mark("A run that is {state} cannot become {other}"),
    mark("The job store has been locked for {seconds} s"),
    mark("Close the program that holds it"),
    mark("The job store cannot be used: {error}"),
    mark("Look at the disk of the workspace, then try again"),
    mark("the job store of the workspace"),
    mark("The job store has version {version}, this recviz knows {known}"),
    mark("the workspace"),
    mark("Use the newer recviz that made it, or another workspace"),
    # backtests: who stands beside the model, on what, and what was not judged
    mark("the model"),
    mark("everyone's recent rate"),
    mark("own recent rate"),
    mark("shrunken own rate"),
    mark("shrunken own rate (a={prior}, {unit})"),
    mark("shrunken own mix (a={prior})"),
    mark("BG/NBD, may have left"),
    mark("LightGBM on counts"),
    mark("everyone's recent mix"),
    mark("half own, half everyone's mix"),
    mark("everyone's mean"),
    mark("user and item biases"),
    mark("most popular"),
    mark("most popular in the last 7 days"),
    mark("own most taken"),
    mark("nearest text"),
    mark("taken together"),
    mark("the same model without text"),
    mark("Same settings, passes chosen on the same validation window"),
    mark("{why}; the {baseline} stands in for it"),
    mark("No user was active on two days, so rates cannot be told apart"),
    mark("Compare with the other baselines, or bring a longer log"),
    mark("The rates' distribution could not be fitted"),
    mark("Compare with the other baselines"),
    mark("The fit of who has left ran away"),
    mark("The fit gave what is no number of days"),
    mark("The fit expects more than {times} times as many active days as there have been"),
    mark("The history is too short to train on what a whole horizon held"),
    mark("Compare with the other baselines, or choose a later origin or a shorter horizon"),
    mark("The model without text ranks other items than the run"),
    mark("Judge the run anew"),
    mark("There is no baseline {name}"),
    mark("baselines {names}"),
    mark("Choose {quick}, {all}, or some of {names}"),
    mark("{n} active day"),
    mark("{n} active days"),
    mark("{low} to {high} active days"),
    mark("{low} or more active days"),
    mark("asking the model"),
    mark("comparing volume"),
    mark("comparing mixes"),
    mark("comparing values"),
    mark("comparing rankings"),
    mark("asking for rankings"),
    mark("asking from later origins"),
    mark("training the same model without text"),
    mark("writing what was found"),
    mark("Nothing was held out that could be compared"),
    mark("no user before the cut"),
    mark("the log ends before one whole period after the cut"),
    mark("Choose another origin for the run"),
    mark("No user has three events of which the last is new to the user, so nothing can be compared"),
    mark("Bring a log with longer histories"),
    mark("Only each user's last event is held out, so ranking is judged, and curves and shares are not."),
    mark("The log has an order only: ranking is judged, and there are no weeks whose curves could be."),
    mark("The log covers {scored} of {horizon} days after the cut; only these are judged."),
    mark("The log covers {scored} of {horizon} weeks after the cut; only these are judged."),
    mark("The log covers {scored} of {horizon} months after the cut; only these are judged."),
    mark("Shares are not judged: no categories were given, or no user has events before and after the cut."),
    mark("Ranking is not judged: no user with history took anything in the days after the cut."),
    mark(
        "Items without any event before the cut are not judged: the log brings no table of items, so nobody "
        "could know them then."
    ),
    mark("Values are not judged: no user with history brought one after the cut."),
    mark("Values below {low} or above {high}, the usual range before the cut, count as its ends."),
    mark("Values are judged on {n} events, drawn at random."),
    mark("This run has not been evaluated"),
    mark("Wait for the run to finish, or run recviz evaluate"),
    mark("This evaluation was written by another version of recviz"),
    mark("Run recviz evaluate on the run"),
    mark("The model answers with numbers that are not finite"),
    mark("its forecasts at the cut"),
    mark("Train it with a lower rate"),
    # runs that do not compare
    mark("{run} has no backtest, so it has no scores to compare."),
    mark("{run} and {other} learnt from different logs: nothing about them compares but their settings."),
    mark(
        "{run} and {other} hold out different things, a stretch of time and each user's last event: their scores do not "
        "compare."
    ),
    mark(
        "{run} and {other} look ahead from different days, {day} and {second}: what they were judged on differs, "
        "so their scores do not compare. Their curves from the end of the log do."
    ),
    mark("{run} forecasts by the {period} and {other} by the {second}: their scores do not compare."),
    mark(
        "Activity is compared on the first {n} {period}s, which all of them forecast; {runs} looks further ahead, "
        "so shares of categories do not compare."
    ),
    mark(
        "Activity is compared on the first {n} {period}s, which all of them forecast; {runs} look further ahead, "
        "so shares of categories do not compare."
    ),
    mark(
        "This log has no categories, and {runs} groups items by another reading of their texts than {other}: "
        "shares of the groups do not compare."
    ),
    # groups of users
    mark("Everybody"),
    mark("All users"),
    mark("Activity"),
    mark("least active quarter"),
    mark("second quarter"),
    mark("third quarter"),
    mark("most active quarter"),
    mark("First seen"),
    mark("Last seen"),
    mark("within {days} days before the origin"),
    mark("{first} to {last} days before"),
    mark("over {days} days before"),
    mark("Category share"),
    mark("half or more {category}"),
    mark("half or more of a rarer category"),
    mark("no category makes half"),
    mark("Seen alike"),
    mark("often, more {category}"),
    mark("seldom, more {category}"),
    mark("more {category}"),
    mark("unknown"),
    mark("There is no segment {key}"),
    mark("the cohort view"),
    mark("Pick one from the list"),
    # last, for they fit almost anything
    mark("{what} ({where})"),
)  # fmt: skip
"""Every template, in English; exact ones and long ones go before short ones."""
_PLACE = re.compile(r"\\\{(\w+)\\\}")


def retold(text: str) -> str:
    """Say an English sentence that was kept in the language of now; one that is not known stays as it is."""
    if not text or spoken() == ENGLISH:
        return text
    exact = tr(text)
    if exact != text:
        return exact
    for pattern, template in _patterns():
        found = pattern.fullmatch(text)
        if found:
            return tr(template).format(**{name: retold(value) for name, value in found.groupdict().items()})
    return text


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the templates with places as patterns, those with the most words of their own first."""
    with_places = [template for template in KEPT if "{" in template]
    own = {template: len(re.sub(r"\{\w+\}", "", template)) for template in with_places}
    ranked = sorted(with_places, key=lambda template: -own[template])
    return tuple((re.compile(_PLACE.sub(r"(?P<\1>.+?)", re.escape(template))), template) for template in ranked)

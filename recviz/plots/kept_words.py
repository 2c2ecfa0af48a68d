"""What backtests and training say in English and keep: listed here for the catalogues.

A job store, an evaluation and an open model outlive the visitor whom they are shown to, so they hold English; pages say
it anew with `recviz.language.retold`. Errors are found by ``make texts`` where they are raised, and the sentences of the
job store where they are written; these stand in packages that know nothing of languages.
"""

from recviz.language import mark

KEPT = (
    # what happens to a run
    mark("Started from the beginning; no checkpoint is complete: {why}"),
    mark("Training ended early, as asked. {note}"),
    mark("Kept the best weights, of pass {n} ({found})"),
    mark("Training anew up to pass {n}, around which validation was best"),
    mark("Not trained anew: validation hid less than a fiftieth of the events"),
    mark("Kept the weights of step {n}: none had been validated"),
    mark("The best weights could not be kept ({name}: {fault}): those of the last step were"),
    mark("validation loss {loss}"),
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
    mark("pass {n}: validation loss {loss}"),
    mark("loading"),
    mark("measuring the level"),
    mark("writing the model"),
    mark("starting"),
    mark("running"),
    mark("evaluating"),
    mark("cancelling"),
    mark("completed"),
    mark("cancelled"),
    mark("failed"),
    # backtests: who stands beside the model, on what, and what was not judged
    mark("the model"),
    mark("everyone's recent rate"),
    mark("own recent rate"),
    mark("shrunken own rate"),
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
    mark("chance"),
    mark("taken together"),
    mark("the same model without text"),
    mark("Same settings, passes chosen on the same validation window"),
    mark("{why}; the {baseline} stands in for it"),
    mark("The fit of who has left ran away"),
    mark("The fit gave what is no number of days"),
    mark("The fit expects more than {times} times as many active days as the same span before had"),
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
    mark("working out everybody's curves"),
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
        "so shares of categories and values do not compare."
    ),
    mark(
        "Activity is compared on the first {n} {period}s, which all of them forecast; {runs} look further ahead, "
        "so shares of categories and values do not compare."
    ),
    mark(
        "This log has no categories, and {runs} groups items by another reading of their texts than {other}: "
        "shares of the groups do not compare."
    ),
)
"""Names and sentences, with places where numbers and names stand."""

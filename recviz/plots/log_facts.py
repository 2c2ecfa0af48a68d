"""What a stored log is like, as rows of name and value for commands and reports."""

from recviz.data.findings import Profile
from recviz.language import tr
from recviz.plots.formats import count, counted, day, share


def log_facts(found: Profile) -> list[tuple[str, str]]:
    """Say what a log is like, in rows of name and value."""
    untitled, of_events = tr("{items}, {untitled} without a title"), tr("{part} of events")
    usual, most = f"{found.events_per_user['median']:g}", count(found.events_per_user["max"])
    facts = [
        (tr("users"), count(found.n_users)),
        (tr("items"), untitled.format(items=count(found.n_items), untitled=count(found.n_titles_missing))),
        (tr("events"), count(found.n_events)),
        (tr("events of a user"), tr("{usual} (median) to {most}").format(usual=usual, most=most)),
        (tr("repeats"), of_events.format(part=share(found.repeat_share))),
        (tr("in baskets"), of_events.format(part=share(found.basket_share))),
    ]
    if found.first:
        words = tr("{first} to {last}, {time}")
        span = words.format(first=day(found.first), last=day(found.last), time=counted(found.span_days, "day"))
        facts.insert(0, (tr("span"), span))
    for name, n_events, is_target in found.kinds:
        events = counted(n_events, "event")
        uncounted = tr("{events}, not counted as interest").format(events=events)
        facts.append((tr("kind {name}").format(name=name), events if is_target else uncounted))
    if found.unreadable_share is not None:
        facts.append((tr("text that minilm cannot read"), share(found.unreadable_share)))
    return facts

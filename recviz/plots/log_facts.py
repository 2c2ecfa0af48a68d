"""What a stored log is like, as rows of name and value for commands and reports."""

from recviz.data.findings import Profile
from recviz.plots.formats import count, counted, day, share


def log_facts(found: Profile) -> list[tuple[str, str]]:
    """Say what a log is like, in rows of name and value."""
    facts = [
        ("users", count(found.n_users)),
        ("items", f"{count(found.n_items)}, {count(found.n_titles_missing)} without a title"),
        ("events", count(found.n_events)),
        ("events of a user", f"{found.events_per_user['median']:g} (median) to {found.events_per_user['max']:,.0f}"),
        ("repeats", f"{share(found.repeat_share)} of events"),
        ("in baskets", f"{share(found.basket_share)} of events"),
    ]  # fmt: skip
    if found.first:
        facts.insert(0, ("span", f"{day(found.first)} to {day(found.last)}, {counted(found.span_days, 'day')}"))
    for name, n_events, is_target in found.kinds:
        facts.append((f"kind {name}", counted(n_events, "event") + ("" if is_target else ", not counted as interest")))
    if found.unreadable_share is not None:
        facts.append(("text that minilm cannot read", share(found.unreadable_share)))
    return facts

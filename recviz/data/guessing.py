"""Guesses of what each column of a log is, with the reason, from its name and its cells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from recviz.data.column_names import is_half_named, name_rank
from recviz.data.columns import ColumnFacts, Head
from recviz.data.findings import ColumnGuess
from recviz.data.plan import REPEATED_ROLES, ROLE_WORDS, SINGLE_ROLES, LogPlan, Role, SideTable, parse_kind_rule
from recviz.data.times import FITS
from recviz.language import mark

_FEW_KINDS = 50
_MOST = 0.9
_GOES_WITH = 0.4
"""A text is the item's own if more than this share of an item's rows have its usual text; a review is not."""
_SURE, _LIKELY, _GUESS, _LEAST = 0.95, 0.7, 0.5, 0.4


@dataclass(frozen=True, slots=True)
class _Candidate:
    role: Role
    column: str
    confidence: float
    reason: str


def guess_events(head: Head, *, has_items: bool, has_users: bool) -> tuple[dict[str, _Candidate], LogPlan]:
    """Guess the roles of the columns of a file of events.

    Args:
        head: The file's first rows.
        has_items: Whether a table of items came with it: then no column is taken for the items' texts.
        has_users: Whether a table of users came with it.

    Returns:
        By column, what it was taken for; and the plan that this makes.
    """
    taken: dict[str, _Candidate] = {}
    for role in ("user", "item", "time", "order", "kind", "value"):
        if role == "order" and any(found.role == "time" for found in taken.values()):
            continue
        _take(taken, [c for facts in head.facts.values() if (c := _event_candidate(role, facts))])
    item = next((found.column for found in taken.values() if found.role == "item"), None)
    user = next((found.column for found in taken.values() if found.role == "user"), None)
    if item is not None and not has_items:
        _take_texts(taken, head, item)
    if user is not None and not has_users:
        _take_attributes(taken, head, user)
    plan = _plan(taken)
    if plan.value is not None and plan.kind is None and head.facts[plan.value].negatives > 0:
        plan = replace(plan, kind_rules=(parse_kind_rule(f"'{plan.value}' < 0 means return"),))
    return taken, plan


def guess_table(
    head: Head, key_like: Mapping[str, object], event_key: str | None, *, of_items: bool
) -> SideTable | None:
    """Guess the columns of a table of items or users; ``None`` where no column can be its key.

    Args:
        head: The file's first rows.
        key_like: Ids of the events, to compare the columns' cells with.
        event_key: The column of the events that holds these ids.
        of_items: Whether it is the table of items.
    """
    role: Role = "item" if of_items else "user"

    def quality(facts: ColumnFacts) -> tuple[float, bool, bool, float]:
        cells = head.cells[facts.name]
        shared = sum(cell in key_like for cell in cells.unique().to_list())
        return (
            round(shared / max(min(facts.n_distinct, len(key_like)), 1), 1),
            facts.name == event_key,
            name_rank(role, facts.name) is not None,
            facts.distinct_share,
        )

    key = max(head.facts.values(), key=quality)
    if not any(quality(key)[:3]):
        return None
    others = {name: facts for name, facts in head.facts.items() if name != key.name}
    if not of_items:
        return SideTable(key=key.name, attributes=tuple(n for n, f in others.items() if 1 < f.n_distinct <= _FEW_KINDS))
    taken: dict[str, _Candidate] = {}
    for wanted in ("title", "category"):
        _take(
            taken, [c for facts in others.values() if facts.name not in taken and (c := _text_candidate(wanted, facts))]
        )
    texts = tuple(name for name, f in others.items() if name not in taken and _is_further_text(f))
    plan = _plan(taken)
    return SideTable(key=key.name, title=plan.title, category=plan.category, texts=texts)


def explain_guesses(head: Head, taken: Mapping[str, _Candidate], plan: LogPlan) -> tuple[ColumnGuess, ...]:
    """Tell of every column what a plan takes it for; what was asked for is sure."""
    roles = _roles(plan)
    guesses = []
    for name, facts in head.facts.items():
        role, guessed = roles.get(name), taken.get(name)
        if role is None:
            confidence, reason = _LIKELY, mark("nothing in its name or cells tells a role")
        elif guessed is not None and guessed.role == role:
            confidence, reason = guessed.confidence, guessed.reason
        else:
            confidence, reason = 1.0, mark("chosen by you")
        guesses.append(_guess(facts, role, confidence, reason))
    return tuple(guesses)


def explain_table(head: Head, table: SideTable | None, *, of_items: bool) -> tuple[ColumnGuess, ...]:
    """Tell of every column of a side table what it is taken for."""
    roles: dict[str, Role] = {}
    if table is not None:
        key: Role = "item" if of_items else "user"
        singles: list[tuple[str | None, Role]] = [
            (table.category, "category"), (table.title, "title"), (table.key, key)
        ]  # fmt: skip
        roles = {
            **dict.fromkeys(table.texts, "text"),
            **dict.fromkeys(table.attributes, "attribute"),
            **{name: role for name, role in singles if name},
        }
    return tuple(
        _guess(facts, roles.get(name), _LIKELY, mark("its cells fit") if name in roles else mark("not used"))
        for name, facts in head.facts.items()
    )


def _guess(facts: ColumnFacts, role: Role | None, confidence: float, reason: str) -> ColumnGuess:
    return ColumnGuess(
        column=facts.name,
        role=role,
        confidence=confidence,
        reason=reason,
        samples=facts.samples,
        n_distinct=facts.n_distinct,
        missing=facts.missing,
    )


def _take(taken: dict[str, _Candidate], candidates: list[_Candidate]) -> None:
    """Give the role to its best candidate whose column is still free; the file's first one wins a tie."""
    free = [found for found in candidates if found.column not in taken and found.confidence >= _LEAST]
    if free:
        best = max(free, key=lambda found: found.confidence)
        taken[best.column] = best


def _event_candidate(role: Role, facts: ColumnFacts) -> _Candidate | None:
    fits, why = _FITS[role](facts)
    rank = name_rank(role, facts.name)
    if not fits or (rank is None and role not in ("user", "item", "time")):
        return None
    if rank is not None:
        confidence = _SURE - 0.01 * rank
        return _Candidate(role, facts.name, confidence, mark(f"its name says so, and {why}"))
    if is_half_named(role, facts.name):
        return _Candidate(role, facts.name, _LIKELY, mark(f"its name is like one, and {why}"))
    return _Candidate(role, facts.name, _LIKELY if role == "time" else 0.0, why)


def _is_id(facts: ColumnFacts) -> tuple[bool, str]:
    fits = facts.n_filled > 0 and facts.n_distinct > 0 and not (facts.numbers > _MOST and facts.whole_numbers < _MOST)
    return fits, mark(f"{facts.n_distinct:,} different ids in {facts.n_filled:,} rows")


def _is_moment(facts: ColumnFacts) -> tuple[bool, str]:
    return facts.is_time, mark("its cells are times")


def _is_position(facts: ColumnFacts) -> tuple[bool, str]:
    return facts.whole_numbers > FITS, mark("its cells are whole numbers")


def _is_kind(facts: ColumnFacts) -> tuple[bool, str]:
    return (
        0 < facts.n_distinct <= _FEW_KINDS and facts.numbers < _MOST,
        mark(f"it holds {facts.n_distinct:,} different words"),
    )


def _is_number(facts: ColumnFacts) -> tuple[bool, str]:
    return facts.numbers > FITS and not facts.is_time, mark("its cells are numbers")


_FITS: dict[Role, Callable[[ColumnFacts], tuple[bool, str]]] = {
    "user": _is_id,
    "item": _is_id,
    "time": _is_moment,
    "order": _is_position,
    "kind": _is_kind,
    "value": _is_number,
}


def _text_candidate(role: Role, facts: ColumnFacts) -> _Candidate | None:
    if facts.worded < 0.5:  # noqa: PLR2004 - half
        return None
    rank = name_rank(role, facts.name)
    if rank is not None:
        return _Candidate(role, facts.name, _SURE - 0.01 * rank, mark("its name says so, and its cells hold words"))
    if role == "title" and facts.words > 1.5 and facts.distinct_share > _LEAST:  # noqa: PLR2004 - several words
        return _Candidate(role, facts.name, _GUESS, mark("its cells hold several words each"))
    return None


def _is_further_text(facts: ColumnFacts) -> bool:
    return name_rank("text", facts.name) is not None and facts.worded > 0.5  # noqa: PLR2004 - half


def _take_texts(taken: dict[str, _Candidate], head: Head, item: str) -> None:
    """Give title, category and text to columns that the item determines."""
    settled = [
        facts for name, facts in head.facts.items() if name not in taken and head.settles(item, name) > _GOES_WITH
    ]  # fmt: skip
    for role in ("title", "category"):
        _take(taken, [c for facts in settled if (c := _text_candidate(role, facts))])
    for facts in settled:
        if facts.name not in taken and _is_further_text(facts):
            taken[facts.name] = _Candidate(
                "text", facts.name, _LIKELY, mark("its name says so, and it goes with the item")
            )


def _take_attributes(taken: dict[str, _Candidate], head: Head, user: str) -> None:
    """Give the role of an attribute to named columns that the user determines."""
    for name, facts in head.facts.items():
        if name in taken or name_rank("attribute", name) is None or facts.n_distinct < 2:  # noqa: PLR2004 - a choice
            continue
        if head.settles(user, name) > _MOST:
            taken[name] = _Candidate("attribute", name, _LIKELY, mark("its name says so, and it goes with the user"))


def _plan(taken: Mapping[str, _Candidate]) -> LogPlan:
    by_role: dict[Role, list[str]] = {}
    for found in taken.values():
        by_role.setdefault(found.role, []).append(found.column)
    singles = {role: columns[0] for role, columns in by_role.items() if role in SINGLE_ROLES}
    several = {REPEATED_ROLES[role]: tuple(columns) for role, columns in by_role.items() if role in REPEATED_ROLES}
    return LogPlan(**singles, **several)  # type: ignore[arg-type]  # keyed by the plan's own fields


def _roles(plan: LogPlan) -> dict[str, Role]:
    roles: dict[str, Role] = {}
    for role in ROLE_WORDS:
        plural = REPEATED_ROLES.get(role)
        columns = getattr(plan, plural) if plural else [getattr(plan, role)]
        roles.update({column: role for column in columns if column})
    return roles

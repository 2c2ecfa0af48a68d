"""Log page, steps 2 and 3: what each column is, and the rules by which rows become events."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from recviz.data.findings import ColumnGuess, HistoryWords, Preview
from recviz.data.plan import ROLE_WORDS, Role
from recviz.language import mark, retold, tr
from recviz.services import datasets
from recviz.services.datasets import Asked, LogFiles
from recviz.services.workspace import Workspace
from recviz.ui.caches import remembered
from recviz.ui.formats import between, counted, literal, shortened
from recviz.ui.guards import show_problems
from recviz.ui.log_file import REPORT, Checked, draft
from recviz.ui.session import kept

UNUSED = mark("not used")
ROLE_LABELS: dict[Role, str] = {
    "user": mark("User"),
    "item": mark("Item"),
    "time": mark("Time"),
    "order": mark("Order"),
    "kind": mark("Kind of event"),
    "value": mark("Value"),
    "title": mark("Item's title"),
    "category": mark("Item's category"),
    "text": mark("Further item text"),
    "attribute": mark("User's attribute"),
}
SHOWN_SAMPLES = 3
HISTORIES_HEIGHT = 330
"""Pixels: two histories are seen, the others scrolled to, and the next step stays in sight."""


@remembered(mark("Reading the first rows"), entries=32)
def _preview(ws: Workspace, files: LogFiles, asked: Asked) -> Preview:
    return datasets.preview(ws, files, asked)


def map_columns(ws: Workspace, files: LogFiles) -> tuple[Preview, tuple[str, ...]]:
    """Draw step 2: the table of columns at the left, first histories at the right.

    Returns:
        The guesses alone, and the mapping as the visitor changed it.
    """
    guessed = _preview(ws, files, Asked())
    st.subheader(f"2 · {tr('Columns')}")
    st.caption(tr("Each column plays a role, or none. Change what was guessed wrongly in the third column."))
    mapping: list[str] = []
    for part, guesses in guessed.guesses.items():
        if part != "events":
            st.markdown(f"**{literal(guessed.files[part].name)}**")
        mapping += _role_table(part, guesses)
    return guessed, tuple(mapping)


def set_rules(ws: Workspace, files: LogFiles, mapping: tuple[str, ...]) -> Preview:
    """Draw step 3 and return the preview under all that was asked for."""
    known = _preview(ws, files, Asked(mapping=mapping))
    st.subheader(f"3 · {tr('Rules')}")
    st.caption(tr("Optional. Write a rule and press Enter; each becomes a chip that can be taken away again."))
    left, right = st.columns(2, gap="medium")
    with left:
        where = _chips(tr("Keep only rows where"), "where", _filter_examples(known), "Quantity > 0")
        outliers = _chips(tr("Outliers"), "outliers", _outlier_examples(known), "cap Quantity above 1000")
    with right:
        kinds = _chips(
            tr("Name kinds of events"), "kinds", _kind_examples(known), "InvoiceNo starts with C means return"
        )
        targets = _chips(tr("What counts as interest"), "targets", _kinds(), tr("all kinds but returns"))
        conversion = st.selectbox(
            tr("A kind whose chance is predicted"), _kinds(), index=None, key=_key("conversion"), accept_new_options=True,
            placeholder=tr("none; for example: purchase"), help=tr("Then an event's value is yes for this kind and no for others."),
        )  # fmt: skip
        drop = st.toggle(tr("Drop rows that equal an earlier row"), key=_key("duplicates"))
    asked = Asked(
        mapping=mapping,
        where=where,
        kind_rules=kinds,
        outliers=outliers,
        day_first=_day_first(known),
        drop_duplicates=drop,
        targets=targets or None,
        conversion=conversion,
    )
    return _preview(ws, files, asked)


def show_histories(histories: Sequence[HistoryWords]) -> None:
    """Draw the first histories as sentences: the quickest way to see whether a log is read rightly."""
    if not histories:
        st.caption(tr("No history can be read yet: choose the columns of user, item and time."))
    for history in histories:
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"`{literal(shortened(history.user_id, 24))}` · {counted(history.n_events, 'event')}")
            for sentence in history.sentences:
                st.caption(literal(retold(sentence)))


def show_preview(preview: Preview) -> None:
    """Draw what the log looks like under the plan: its span, its first histories, what is wrong."""
    st.markdown(f"**{tr('First histories, as they will be read')}**")
    if preview.time is not None and preview.time.first:
        st.caption(
            tr("Times are {words}: {span} in the rows looked at.").format(
                words=literal(retold(preview.time.words)), span=between(preview.time.first, preview.time.last)
            )
        )
    show_problems(preview.problems)
    with st.container(height=HISTORIES_HEIGHT, border=False):
        show_histories(preview.histories)


def _role_table(part: str, guesses: Sequence[ColumnGuess]) -> list[str]:
    column, example, role, because = tr("Column"), tr("For example"), tr("We think it is"), tr("Because")
    labels = {tr(label): label for label in (UNUSED, *ROLE_LABELS.values())}
    table = pd.DataFrame(
        {
            column: [guess.column for guess in guesses],
            example: [", ".join(shortened(text, 28) for text in guess.samples[:SHOWN_SAMPLES]) for guess in guesses],
            role: [tr(_label(guess.role)) for guess in guesses],
            because: [
                tr("{sureness}: {reason}").format(sureness=tr(guess.confidence_word), reason=retold(guess.reason))
                for guess in guesses
            ],
        }
    )
    edited = st.data_editor(
        table,
        key=_key(f"roles_{part}"),
        hide_index=True,
        disabled=[column, example, because],
        column_config={
            column: st.column_config.TextColumn(width=110),
            example: st.column_config.TextColumn(width=250),
            role: st.column_config.SelectboxColumn(
                options=list(labels),
                required=True,
                width=130,
                help="; ".join(f"{tr(ROLE_LABELS[name])}: {tr(words)}" for name, words in ROLE_WORDS.items()),
            ),
            because: st.column_config.TextColumn(width=480),
        },
        alt=tr("Columns of the file with the role that each plays"),
    )
    return changed_roles(part, guesses, [labels[said] for said in edited[role]])


def changed_roles(part: str, guesses: Sequence[ColumnGuess], labels: Sequence[str]) -> list[str]:
    """Return the mapping texts of the roles that differ from the guesses; none where nothing was changed."""
    roles = {label: role for role, label in ROLE_LABELS.items()}
    if all(_label(guess.role) == label for guess, label in zip(guesses, labels, strict=True)):
        return []
    prefix = "" if part == "events" else f"{part}."
    chosen = [
        f"{prefix}{roles[label]}={guess.column}"
        for guess, label in zip(guesses, labels, strict=True)
        if label != UNUSED
    ]
    taken = {text.partition("=")[0] for text in chosen}
    dropped = {f"{prefix}{guess.role}" for guess in guesses if guess.role is not None} - taken
    return [*chosen, *(f"{role}=" for role in sorted(dropped))]


def _label(role: Role | None) -> str:
    return UNUSED if role is None else ROLE_LABELS[role]


def _chips(label: str, name: str, examples: Sequence[str], hint: str) -> tuple[str, ...]:
    chosen = st.multiselect(
        label,
        list(examples),
        key=_key(name),
        accept_new_options=True,
        placeholder=tr("for example: {example}").format(example=examples[0] if examples else hint),
    )
    return tuple(chosen)


def _filter_examples(preview: Preview) -> list[str]:
    return [f"{preview.plan.value} > 0"] if preview.plan.value else []


def _outlier_examples(preview: Preview) -> list[str]:
    return [f"cap {preview.plan.value} above 99.9 %"] if preview.plan.value else []


def _kind_examples(preview: Preview) -> list[str]:
    return [f"{preview.plan.value} < 0 means return"] if preview.plan.value else []


def _kinds() -> list[str]:
    """Return the kinds that the last check found; before it they can be typed."""
    checked: Checked | None = kept(REPORT, None)
    return [] if checked is None else list(checked.report.kinds)


def _day_first(preview: Preview) -> bool | None:
    if preview.time is None or not preview.time.is_ambiguous:
        return None
    st.warning(
        tr("03/04 could be the third of April or March 4th: column {column} does not tell.").format(
            column=literal(preview.time.column)
        )
    )
    answer = st.segmented_control(
        tr("Which comes first?"), [mark("Day"), mark("Month")], format_func=tr, key=_key("day_first")
    )
    return None if answer is None else answer == "Day"


def _key(name: str) -> str:
    return f"log_{name}_{draft().round}"


def rows_line(preview: Preview) -> str:
    """Say in a line what the file of events is."""
    facts = preview.files["events"]
    sizes = [counted(facts.n_rows, "row")] if facts.n_rows else []
    sizes.append(counted(len(facts.columns), "column"))
    return f"{tr(', ').join(sizes)} · {literal(tr(', ').join(map(retold, facts.words.split(', '))))}"

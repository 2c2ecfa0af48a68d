"""From rows to a dataset: what is left out and why, what is stored, and that row order never matters."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recviz.data.asking import Asked, apply_asked
from recviz.data.checking import Checked, LogTables, check_log
from recviz.data.dataset import Dataset
from recviz.data.findings import CheckReport, ReadOptions
from recviz.data.plan import LogPlan, SideTable
from recviz.data.previewing import preview_log
from recviz.data.raw import RawTable
from recviz.data.reading import read_table
from recviz.data.storing import dataset_id, store_log
from recviz.data.unpacking import Limits
from recviz.errors import InvalidLogError

LOG = """invoice,customer,stock,text,qty,when,country
1,007,A,,2,2024-01-03,FR
1,007,B,Bee,3,2024-01-03,FR
2,007,A,late A,5,2024-02-01,DE
3,x,A,early A,1,2024-01-01,UK
C4,x,A,early A,-1,2024-01-05,UK
5,,A,early A,1,2024-01-05,UK
6,y,,none,1,2024-01-05,UK
7,y,C,Sea,1,never,UK
8,y,C,Sea,many,2024-01-05,UK
9,y,C,Sea,,2024-01-06,UK
9,y,C,Sea,,2024-01-06,UK
10,y,C,Sea,0,2024-01-07,UK
11,ragged
"""
PLAN = LogPlan(user="customer", item="stock", time="when", title="text", value="qty", attributes=("country",))


def raw(folder: Path, text: str, name: str = "log.csv") -> RawTable:
    folder.mkdir(parents=True)
    (folder / name).write_text(text, encoding="utf-8")
    staged = folder / "staged"
    staged.mkdir()
    return read_table(folder / name, name, staged, ReadOptions(), Limits(max_bytes=10**8, max_rows=10**6))


def checked(folder: Path, text: str, plan: LogPlan, **side: str) -> tuple[LogTables, Checked]:
    tables = LogTables(events=raw(folder / "events", text), **{n: raw(folder / n, t, n) for n, t in side.items()})
    return tables, check_log(tables, plan, folder)


def report(folder: Path, text: str, plan: LogPlan, **side: str) -> CheckReport:
    return checked(folder, text, plan, **side)[1].report


def stored(folder: Path, text: str, plan: LogPlan, **side: str) -> Dataset:
    tables, found = checked(folder, text, plan, **side)
    store_log(tables, found, folder / dataset_id(tables, plan), "a log")
    return Dataset(folder / dataset_id(tables, plan))


def asked(**wishes: object) -> LogPlan:
    return apply_asked(PLAN, Asked(**wishes))  # type: ignore[arg-type]  # each option has its own type


def test_every_row_is_an_event_or_left_out_for_one_reason(tmp_path: Path):
    found = report(tmp_path, LOG, asked(where=["qty != 0"], kind_rules=["invoice starts with C means return"]))

    assert {entry.reason: (entry.n_rows, entry.first_lines) for entry in found.rejections} == {
        "no user: customer is empty": (1, (7,)),
        "no item: stock is empty": (1, (8,)),
        "when is not a time": (1, (9,)),
        "qty is not a number": (1, (10,)),
        "left out by the rule qty != 0": (1, (13,)),
        "2 cells where there are 7 columns": (1, (14,)),
    }
    assert found.n_rows == 13 == found.n_events + sum(entry.n_rows for entry in found.rejections)
    assert found.kinds == {"event": 6, "return": 1}
    assert found.targets == ("event",)
    assert (found.n_duplicates, found.n_tied) == (1, 4)
    assert found.problems == ()


def test_rejected_rows_are_kept_as_they_were_read(tmp_path: Path):
    log = stored(tmp_path, LOG, PLAN)

    rejected = pl.read_parquet(log.folder / "rejected.parquet")

    assert rejected["line"].to_list() == [7, 8, 9, 10, 14]
    assert rejected.row(3, named=True)["qty"] == "many"
    assert rejected.row(4, named=True)["text"] == "11,ragged"
    assert sum(log.manifest.rejected.values()) == len(rejected)


def test_ids_titles_and_attributes_are_those_of_the_first_row_in_time(tmp_path: Path):
    log = stored(tmp_path, LOG, PLAN)

    assert list(log.user_ids) == ["007", "x", "y"]
    assert log.title(log.item_index("A")) == "early A"
    assert log.users.set_index("user_id")["country"].to_dict() == {"007": "FR", "x": "UK", "y": "UK"}
    assert log.manifest.value_name == "qty"


def test_row_order_changes_nothing_that_is_stored(tmp_path: Path):
    header, *lines = LOG.splitlines()
    lines += [f"{n},u{n % 7},i{n % 5},title {n},1,2024-03-0{1 + n % 3},X{n}" for n in range(60)]
    shuffled = list(np.random.default_rng(1).permutation(lines))

    one = stored(tmp_path / "one", "\n".join([header, *lines]), PLAN)
    two = stored(tmp_path / "two", "\n".join([header, *shuffled]), PLAN)

    for name in ("events.parquet", "items.parquet", "users.parquet"):
        assert (one.folder / name).read_bytes() == (two.folder / name).read_bytes(), name
    for column in ("offsets", "item", "time", "kind", "value"):
        path = f"sequences/{column}.npy"
        assert (one.folder / path).read_bytes() == (two.folder / path).read_bytes(), column


def test_events_after_a_time_never_change_what_is_told_of_items_before(tmp_path: Path):
    later = "20,zz,A,A LEAKED TITLE,1,2025-01-01,ZZ\n20,007,B,LEAKED,1,2025-01-01,ZZ\n"

    before, after = stored(tmp_path / "a", LOG, PLAN), stored(tmp_path / "b", LOG + later, PLAN)

    assert before.items.equals(after.items)
    assert before.users.equals(after.users[after.users["user_id"] != "zz"].reset_index(drop=True))


def test_all_items_of_an_item_table_stay_and_its_texts_come_first(tmp_path: Path):
    items = "id,name,genre\nA,Table A,Drama|War\nNEW,Never bought,Comedy\nA,Another A,Drama|War\n"
    plan = replace(PLAN, items=SideTable(key="id", title="name", category="genre"))

    log = stored(tmp_path, LOG, plan, items=items)

    assert list(log.item_ids) == ["A", "B", "C", "NEW"]
    assert [log.title(item) for item in range(4)] == ["Table A", "Bee", "Sea", "Never bought"]
    assert list(log.items["category"]) == ["Drama", "", "", "Comedy"]
    assert log.manifest.has_item_table
    assert log.manifest.text_fields == ("title", "categories")
    assert any("repeat an id" in note for note in log.manifest.notes)


def test_users_of_a_user_table_bring_attributes_but_no_empty_histories(tmp_path: Path):
    users = "who,segment\n007,gold\nsilent,iron\n"
    plan = replace(PLAN, attributes=(), users=SideTable(key="who", attributes=("segment",)))

    log = stored(tmp_path, LOG, plan, users=users)

    assert log.users.set_index("user_id")["segment"].to_dict() == {"007": "gold", "x": "", "y": ""}
    assert log.manifest.user_attributes == ("segment",)


def test_duplicates_are_dropped_only_by_rule(tmp_path: Path):
    kept, dropped = report(tmp_path / "a", LOG, PLAN), report(tmp_path / "b", LOG, replace(PLAN, duplicates="drop"))

    assert kept.n_events - dropped.n_events == 1 == kept.n_duplicates == dropped.n_duplicates
    assert any(entry.first_lines == (12,) for entry in dropped.rejections)


def test_outliers_are_shown_and_capped_or_dropped_by_rule(tmp_path: Path):
    lines = "".join(f"{n},u{n % 5},A,T,{1 + n % 3},2024-01-{1 + n % 28:02},X\n" for n in range(300))
    text = LOG.splitlines()[0] + "\n" + lines + "300,u1,A,T,80995,2024-02-01,X\n"

    shown = report(tmp_path / "a", text, PLAN)
    capped = stored(tmp_path / "b", text, asked(outliers=["cap qty above 100"]))
    dropped = report(tmp_path / "c", text, asked(outliers=["drop qty above 99 %"]))

    assert shown.outliers[0].extremes == ((302, 80995.0),)
    assert any("80,995 in line 302" in note for note in shown.notes)
    assert capped.store.value.max() == 100
    assert dropped.n_events == 300


def test_a_conversion_kind_makes_the_value_yes_or_no(tmp_path: Path):
    plan = asked(kind_rules=["qty > 2 means buy"], conversion="buy")

    log = stored(tmp_path, LOG, plan)

    names = [log.manifest.kinds[kind].name for kind in log.store.kind]
    assert log.manifest.value_type == "yes_no"
    assert list(log.store.value) == [float(name == "buy") for name in names]


def test_a_log_with_an_order_only_is_kept_in_that_order(tmp_path: Path):
    log = stored(tmp_path, "u,i,pos\na,x,10\na,y,9\nb,z,1\n", LogPlan(user="u", item="i", order="pos"))

    history = log.store.history(0)

    assert not log.has_times
    assert [log.item_ids[item] for item in history.item] == ["y", "x"]
    assert list(history.time) == [9, 10]


@pytest.mark.parametrize(
    ("plan", "messages"),
    [
        (LogPlan(), ["user", "item", "time"]),
        (replace(PLAN, user="custmer", item="nope"), ["Did you mean 'customer'", "no column 'nope'"]),
        (replace(PLAN, user="stock"), ["has the roles user and item"]),
        (replace(PLAN, time="country"), ["does not hold times"]),
        (replace(PLAN, targets=("buy",)), ["no kind 'buy'", "counts as interest"]),
        (replace(PLAN, conversion="buy"), ["no kind 'buy'"]),
        (asked(where=["qty > 99"]), ["No row is left"]),
        (asked(where=["qty > x", "nope > 3"]), ["'x' is not a number", "no column 'nope'"]),
        (asked(outliers=["cap country above 3"]), ["Only the value can be capped"]),
    ],
)
def test_a_plan_that_cannot_work_tells_everything_at_once(tmp_path: Path, plan: LogPlan, messages: list[str]):
    tables, found = checked(tmp_path, LOG, plan)

    told = "\n".join(map(str, found.report.problems))
    assert all(message in told for message in messages), told
    with pytest.raises(InvalidLogError):
        store_log(tables, found, tmp_path / "log", "a log")
    assert not (tmp_path / "log").exists()


def test_times_whose_day_and_month_cannot_be_told_are_asked_for(tmp_path: Path):
    text = "u,i,when\na,x,01/02/2024\na,y,03/04/2024\n"
    plan = LogPlan(user="u", item="i", time="when")

    open_question = report(tmp_path / "a", text, plan)
    answered = report(tmp_path / "b", text, replace(plan, day_first=False))

    assert "--day-first or --month-first" in open_question.problems[0].mend
    assert answered.problems == ()
    assert answered.time is not None
    assert answered.time.first == "2024-01-02T00:00:00Z"


def test_times_of_1970_and_of_the_future_are_flagged(tmp_path: Path):
    text = "u,i,when\na,x,1970-01-01\na,y,2999-01-01\na,z,2024-01-01\n"

    notes = report(tmp_path, text, LogPlan(user="u", item="i", time="when")).notes

    assert any("1970 or before" in note for note in notes)
    assert any("in the future" in note for note in notes)


def test_same_bytes_mapping_and_rules_are_the_same_dataset(tmp_path: Path):
    first, _ = checked(tmp_path / "a", LOG, PLAN)
    again, _ = checked(tmp_path / "b", LOG, PLAN)
    other, _ = checked(tmp_path / "c", LOG + "12,z,A,,1,2024-01-01,UK\n", PLAN)

    assert dataset_id(first, PLAN) == dataset_id(again, PLAN)
    assert len({dataset_id(first, PLAN), dataset_id(other, PLAN), dataset_id(first, asked(where=["qty > 0"]))}) == 3


def test_a_preview_guesses_reads_histories_and_stores_nothing(tmp_path: Path):
    named = LOG.replace("invoice,customer,stock,text,qty", "invoice,customer,Stock Code,description,qty")
    tables = LogTables(events=raw(tmp_path / "events", named.replace("many", "4")))

    preview = preview_log(tables, Asked(where=["qty > 0"]), tmp_path)

    roles = {guess.column: guess.role for guess in preview.guesses["events"]}
    assert roles == {
        "invoice": None, "customer": "user", "Stock Code": "item", "description": "title",
        "qty": "value", "when": "time", "country": "attribute",
    }  # fmt: skip
    assert preview.plan.where[0].column == "qty"
    assert preview.histories[0].sentences[0] == "2024-01-03 00:00: A (qty 2); Bee (qty 3)."
    assert preview.rows[0]["customer"] == "007"


letters = st.text("ab01-", min_size=1, max_size=3)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    events=st.lists(
        st.tuples(letters, letters, st.integers(0, 3), st.sampled_from(["", "1", "2"])), min_size=1, max_size=12
    ),
    seed=st.integers(0, 99),
)
def test_any_log_in_any_row_order_gives_the_same_histories(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple[str, str, int, str]], seed: int
):
    lines = [f"{user},{item},2024-01-0{1 + day},{value},T{value}{day}" for user, item, day, value in events]
    plan = LogPlan(user="u", item="i", time="t", value="v", title="n")
    folder = tmp_path_factory.mktemp("log")

    one = stored(folder / "a", "\n".join(["u,i,t,v,n", *lines]), plan)
    two = stored(folder / "b", "\n".join(["u,i,t,v,n", *np.random.default_rng(seed).permutation(lines)]), plan)

    assert (one.folder / "events.parquet").read_bytes() == (two.folder / "events.parquet").read_bytes()
    assert one.items.equals(two.items)
    assert sorted(set(one.user_ids)) == sorted({user for user, *_ in events})


def test_renaming_ids_one_to_one_changes_nothing_but_the_names(tmp_path: Path):
    renamed = LOG.replace(",007,", ",zebra,").replace(",A,", ",\u00e9\u2603,").replace(",y,", ",0,")

    one, two = stored(tmp_path / "a", LOG, PLAN), stored(tmp_path / "b", renamed, PLAN)

    back = {"zebra": "007", "\u00e9\u2603": "A", "0": "y"}
    events = pl.read_parquet(two.folder / "events.parquet").with_columns(pl.col("user_id", "item_id").replace(back))
    assert sorted(events.rows(), key=str) == sorted(pl.read_parquet(one.folder / "events.parquet").rows(), key=str)
    titles = {back.get(item, item): title for item, title in zip(two.item_ids, two.items["title"], strict=True)}
    assert titles == dict(zip(one.item_ids, one.items["title"], strict=True))

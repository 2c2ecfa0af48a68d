"""Guesses: right on the names and cells that logs have, told with a reason, open where they do not know."""

from pathlib import Path

import pytest

from recviz.data.columns import look_at_columns
from recviz.data.findings import ReadOptions
from recviz.data.guessing import explain_guesses, guess_events, guess_table
from recviz.data.plan import LogPlan
from recviz.data.reading import read_table
from recviz.data.unpacking import Limits


def head(folder: Path, text: str):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "log").write_text(text, encoding="utf-8")
    return look_at_columns(
        read_table(folder / "log", "log", folder, ReadOptions(), Limits(max_bytes=10**8, max_rows=10**6))
    )


def guessed(folder: Path, header: str, *rows: str, repeat: int = 3) -> LogPlan:
    lines = [row.replace("#", str(n)) for n in range(repeat) for row in rows]
    _, plan = guess_events(head(folder, "\n".join([header, *lines])), has_items=False, has_users=False)
    return plan


@pytest.mark.parametrize(
    ("header", "rows", "expected"),
    [
        (
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
            ["53636#,85123A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom",
             "C53637,85123A,WHITE HEART,-1,2010-12-02 08:26:00,2.55,13047,France"],
            {"user": "CustomerID", "item": "StockCode", "time": "InvoiceDate", "value": "Quantity",
             "title": "Description", "attributes": ("Country",), "kind": None, "order": None},
        ),
        (
            "userId,movieId,rating,timestamp",
            ["1,31,2.5,126075914#", "2,1029,3.0,126075917#"],
            {"user": "userId", "item": "movieId", "value": "rating", "time": "timestamp", "kind": None},
        ),
        (
            "event_time;event_type;product_id;category_code;brand;price;user_id;user_session",
            ["2019-10-0# 00:00:00 UTC;view;44600062;apparel.shoes;nike;35.79;541312140;72d7",
             "2019-10-1# 00:00:00 UTC;cart;3900821;home.kitchen;aqua;33.20;554748717;9333"],
            {"user": "user_id", "item": "product_id", "time": "event_time", "kind": "event_type",
             "category": "category_code", "texts": ("brand",), "value": None},
        ),
        (
            "reviewerID|asin|overall|unixReviewTime|reviewText",
            ["A2|B00|5.0|137488#200|loved every page of it", "A3|B01|1.0|137489#200|broke after one day"],
            {"user": "reviewerID", "item": "asin", "value": "overall", "time": "unixReviewTime", "title": None},
        ),
        (
            "user_id,item_id,seq_pos",
            ["a,x,#", "b,y,#"],
            {"user": "user_id", "item": "item_id", "order": "seq_pos", "time": None},
        ),
        (
            "who,did,at",
            ["a,x,2024-01-0#", "b,y,2024-02-0#"],
            {"user": None, "item": None, "time": "at"},
        ),
    ],
)  # fmt: skip
def test_columns_are_known_by_the_names_and_cells_that_logs_have(
    tmp_path: Path, header: str, rows: list[str], expected
):
    plan = guessed(tmp_path, header, *rows)

    assert {name: getattr(plan, name) for name in expected} == expected


def test_negative_quantities_are_guessed_to_be_returns(tmp_path: Path):
    plan = guessed(tmp_path, "user,item,date,quantity", "a,x,2024-01-01,2", "a,x,2024-01-02,-2")

    assert [str(rule) for rule in plan.kind_rules] == ["quantity < 0 means return"]


def test_a_text_that_changes_from_row_to_row_is_not_the_items(tmp_path: Path):
    plan = guessed(tmp_path, "user,item,date,title", "a,x,2024-01-01,my view no # of it", repeat=9)

    assert plan.title is None


def test_every_column_is_told_with_samples_confidence_and_reason(tmp_path: Path):
    seen = head(tmp_path, "user,item,date,junk\n007,x,2024-01-01,\n008,x,2024-01-02,1\n")
    taken, plan = guess_events(seen, has_items=False, has_users=False)

    guesses = {guess.column: guess for guess in explain_guesses(seen, taken, plan.with_mapping(["attribute=junk"]))}

    assert guesses["user"].samples == ("007", "008")
    assert guesses["user"].confidence_word == "sure"
    assert guesses["user"].reason.startswith("its name says so")
    assert (guesses["junk"].role, guesses["junk"].reason) == ("attribute", "chosen by you")
    assert guesses["junk"].missing == 0.5


def test_the_key_of_an_item_table_is_found_by_its_cells(tmp_path: Path):
    table = head(
        tmp_path,
        "row,code,name,genres,brand\n1,x,The Kid,Comedy|Drama,First National\n2,y,City Lights,Comedy,United Artists\n",
    )

    side = guess_table(table, {"x": None, "y": None, "z": None}, "product", of_items=True)

    assert side is not None
    assert (side.key, side.title, side.category, side.texts) == ("code", "name", "genres", ("brand",))


def test_a_table_that_shares_nothing_with_the_log_has_no_key(tmp_path: Path):
    assert guess_table(head(tmp_path, "a,b\n1,2\n"), {"x": None}, "product", of_items=True) is None

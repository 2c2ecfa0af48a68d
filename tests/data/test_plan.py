"""Plans and conditions: read from text, written to JSON, refused with a next step."""

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recviz.data.asking import Asked, apply_asked
from recviz.data.conditions import expression, parse_condition
from recviz.data.plan import LogPlan, SideTable, parse_kind_rule, parse_outlier_rule
from recviz.errors import InvalidLogError

CELLS = ["6", "0", "-2.5", "C536", "c536", "", None, "06"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Q > 0", ["6", "06"]),
        ("Q>=0", ["6", "0", "06"]),
        ("Q < 0", ["-2.5"]),
        ("Q <= 0", ["0", "-2.5"]),
        ("Q == 6", ["6", "06"]),
        ("Q == '6'", ["6"]),
        ("Q = C536", ["C536"]),
        ("Q != 6", ["0", "-2.5", "C536", "c536", "", None]),
        ("Q starts with C", ["C536"]),
        ("Q contains 53", ["C536", "c536"]),
        ("Q is empty", ["", None]),
        ('"Q" is not empty', ["6", "0", "-2.5", "C536", "c536", "06"]),
    ],
)
def test_a_condition_keeps_the_rows_that_it_says(text: str, kept: list[str | None]):
    condition = parse_condition(text)

    frame = pl.DataFrame({"Q": CELLS}).filter(expression(condition, pl.col("Q")))

    assert condition.column == "Q"
    assert frame["Q"].to_list() == kept


@pytest.mark.parametrize(
    "text", ["", "Quantity", "> 0", "Quantity >", "Quantity is empty 3", "__import__('os').system('x')", "a like b"]
)
def test_what_is_no_condition_is_refused_with_an_example(text: str):
    with pytest.raises(InvalidLogError, match="Quantity > 0"):
        parse_condition(text)


def test_sizes_are_compared_with_numbers_only():
    with pytest.raises(InvalidLogError, match="'many' is not a number"):
        expression(parse_condition("Quantity > many"), pl.col("Quantity"))


names = st.text(st.characters(categories=["L", "N"], include_characters=" _-"), min_size=1).map(str.strip).filter(bool)


@given(column=names, op=st.sampled_from([">", "==", "starts with", "contains"]), literal=names)
def test_a_condition_reads_back_as_it_was_written(column: str, op: str, literal: str):
    condition = parse_condition(f"'{column}' {op} '{literal}'")

    assert parse_condition(str(condition)) == condition
    assert (condition.column, condition.op, condition.literal) == (column, op, literal)


def test_a_plan_survives_json():
    plan = LogPlan(
        user="u", item="i", time="t", texts=("a", "b"), items=SideTable(key="k", texts=("c",)),
        where=(parse_condition("'my column' > 0"),), kind_rules=(parse_kind_rule("n starts with C means return"),),
        outliers=(parse_outlier_rule("drop q above 99.9 %"), parse_outlier_rule("cap q below -5")), targets=("buy",),
    )  # fmt: skip

    assert LogPlan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


def test_asking_overrides_a_guess_and_frees_the_column():
    guessed = LogPlan(user="a", item="b", time="t", value="q", attributes=("c",))

    plan = apply_asked(guessed, Asked(mapping=["item=q", "user=c", "items.title=name", "items.key=id"]))

    assert (plan.user, plan.item, plan.value, plan.attributes) == ("c", "q", None, ())
    assert plan.items == SideTable(key="id", title="name")


def test_everything_that_is_wrong_with_a_wish_is_told_at_once():
    with pytest.raises(InvalidLogError) as refused:
        apply_asked(
            LogPlan(), Asked(mapping=["who=a", "user=a", "user=b", "items.colour=x"], where=["x"], outliers=["y"])
        )

    assert len(refused.value.problems) == 5


def test_an_order_takes_the_place_of_a_guessed_time():
    plan = LogPlan(user="u", item="i", time="t").with_mapping(["order=seq_pos"])

    assert (plan.time, plan.order) == (None, "seq_pos")

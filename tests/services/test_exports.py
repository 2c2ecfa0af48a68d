import io
import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recviz.errors import InvalidSettingError
from recviz.services.exports import FORMULA_STARTS, table_bytes, write_table


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8), min_size=1))
def test_no_cell_of_a_csv_starts_as_a_formula(texts):
    table = pd.DataFrame({"item": texts})

    read = pd.read_csv(io.BytesIO(table_bytes(table, "csv")), dtype=str, keep_default_na=False, lineterminator="\n")

    assert not read["item"].str.startswith(FORMULA_STARTS).any()


@pytest.mark.parametrize("form", ["parquet", "json"])
def test_parquet_and_json_keep_every_byte(form):
    texts = ["=1+1", "+2", "-3", "@x", "\tx", "\rx", "00123", "NA", "", "it's", "é 漢"]
    table = pd.DataFrame({"=item": texts, "value": range(len(texts))})

    raw = table_bytes(table, form)

    rows = pd.read_parquet(io.BytesIO(raw)).to_dict("records") if form == "parquet" else json.loads(raw)
    assert [row["=item"] for row in rows] == texts


def test_a_csv_quotes_headers_and_texts_but_not_negative_numbers():
    table = pd.DataFrame({"=sum(A1)": ["-x", "plain"], "change": [-3.5, 2.0]})

    lines = table_bytes(table, "csv").decode("utf-8-sig").splitlines()

    assert lines == ["'=sum(A1),change", "'-x,-3.5", "plain,2.0"]


def test_an_empty_selection_is_a_table_with_headers_alone(tmp_path):
    table = pd.DataFrame({"user_id": pd.Series(dtype=object), "mean": pd.Series(dtype=float)})

    path = write_table(table, tmp_path / "new" / "empty.csv")

    assert path.read_text(encoding="utf-8-sig") == "user_id,mean\n"


def test_a_table_replaces_the_file_of_its_name_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "table.parquet"
    path.write_text("old")

    write_table(pd.DataFrame({"a": [1]}), path)

    assert pd.read_parquet(path)["a"].tolist() == [1]
    assert [file.name for file in tmp_path.iterdir()] == ["table.parquet"]


def test_an_unknown_ending_is_refused_with_those_that_work(tmp_path):
    with pytest.raises(InvalidSettingError, match=r"\.parquet, \.csv, \.json"):
        write_table(pd.DataFrame(), tmp_path / "table.xls")


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(InvalidSettingError, match="Name another place"):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "file" / "table.csv")

"""The shapes that scorers read, from a really trained run."""

import json

import numpy as np
import pandas as pd
import pytest

FORECAST = ["user_id", "week", "mean", "p_active", "q025", "q10", "q25", "q50", "q75", "q90", "q975",
            "p_active_horizon"]  # fmt: skip


@pytest.mark.parametrize("origin", ["cut", "now"])
def test_a_forecast_has_every_user_with_history_in_every_week(shop, tmp_path, origin):
    result = shop.call("forecast", shop.run, "--out", tmp_path / "f.parquet", "--origin", origin)

    table = pd.read_parquet(tmp_path / "f.parquet")
    assert result.exit_code == 0
    assert list(table.columns) == FORECAST
    assert set(table["week"]) == {1, 2, 3, 4}
    assert (table.groupby("user_id")["week"].count() == 4).all()
    assert table["user_id"].str.startswith("00").all()
    assert np.isfinite(table[FORECAST[1:]].to_numpy(float)).all()
    assert (table["p_active_horizon"] + 1e-9 >= table.groupby("user_id")["p_active"].transform("max")).all()
    bands = table[["q025", "q10", "q25", "q50", "q75", "q90", "q975"]].to_numpy()
    assert (np.diff(bands, axis=1) >= 0).all()


def test_a_topic_has_the_forecasts_columns_and_less_of_it(shop, tmp_path):
    shop.call("forecast", shop.run, "--out", tmp_path / "all.parquet")

    result = shop.call("forecast", shop.run, "--out", tmp_path / "t.parquet", "--topic", "garden spade")

    topic, everything = pd.read_parquet(tmp_path / "t.parquet"), pd.read_parquet(tmp_path / "all.parquet")
    assert result.exit_code == 0, result.output
    assert list(topic.columns) == FORECAST
    assert len(topic) == len(everything)
    assert (topic["p_active_horizon"].to_numpy() <= everything["p_active_horizon"].to_numpy() + 1e-6).all()


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_shares_of_any_mapping_add_up_to_one(shop, tmp_path, ending):
    mapping = pd.DataFrame({"item_id": [f"i{item}" for item in range(24)], "category": ["even", "odd"] * 12})
    file = tmp_path / f"items.{ending}"
    mapping.to_parquet(file) if ending == "parquet" else mapping.to_csv(file, index=False)

    result = shop.call("shares", shop.run, "--categories", file, "--out", tmp_path / "s.parquet")

    table = pd.read_parquet(tmp_path / "s.parquet")
    assert result.exit_code == 0
    assert list(table.columns) == ["user_id", "category", "share"]
    assert set(table["category"]) == {"even", "odd"}
    assert table.groupby("user_id")["share"].sum().to_numpy() == pytest.approx(1.0)


def test_recommendations_are_ranked_and_leave_out_what_was_had(shop, tmp_path):
    result = shop.call("recommend", shop.run, "--top", "5", "--out", tmp_path / "new.parquet")
    shop.call("recommend", shop.run, "--top", "5", "--out", tmp_path / "all.parquet", "--keep-seen")

    new, kept = pd.read_parquet(tmp_path / "new.parquet"), pd.read_parquet(tmp_path / "all.parquet")
    assert result.exit_code == 0
    assert list(new.columns) == ["user_id", "item_id", "rank", "score"]
    for _, rows in kept.groupby("user_id"):
        assert rows["rank"].tolist() == list(range(1, len(rows) + 1))
        assert rows["score"].is_monotonic_decreasing
    events = pd.read_parquet(shop.workspace / "datasets" / shop.dataset / "events.parquet")
    cut = events["timestamp"].max().floor("D") + pd.Timedelta(days=1) - pd.Timedelta(weeks=4)
    had = set(events[events["timestamp"] < cut][["user_id", "item_id"]].itertuples(index=False, name=None))
    assert not had & set(new[["user_id", "item_id"]].itertuples(index=False, name=None))
    assert had & set(kept[["user_id", "item_id"]].itertuples(index=False, name=None))


def test_an_explanation_names_events_words_and_how_far_to_trust_it(shop, tmp_path):
    shop.call("recommend", shop.run, "--top", "1", "--out", tmp_path / "r.parquet")
    first = pd.read_parquet(tmp_path / "r.parquet").iloc[0]

    result = shop.call(
        "explain", shop.run, "--user", first["user_id"], "--item", first["item_id"], "--out", tmp_path / "why.json"
    )

    found = json.loads((tmp_path / "why.json").read_text(encoding="utf-8"))
    assert result.exit_code == 0, result.output
    assert found["trust"]["sentence"] in result.stdout
    total = sum(event["value"] for event in found["events"])
    error = sum(event["standard_error"] ** 2 for event in found["events"]) ** 0.5
    assert total == pytest.approx(found["score"] - found["empty_score"], abs=3 * error + 1e-3)


def test_a_point_of_a_curve_is_explained_too(shop):
    result = shop.call("explain", shop.run, "--user", "000", "--period", "2", "--detailed", "1")

    assert result.exit_code == 0, result.output
    assert "week 2" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("forecast", "no-such-run", "--out", "f.parquet"), "no-such-run"),
        (("forecast", "{run}", "--out", "{out}/f.xls"), ".parquet, .csv, .json"),
        (("forecast", "{run}", "--out", "{out}/f.parquet", "--topic", "qqqq zzzz"), "qqqq zzzz"),
        (("shares", "{run}", "--categories", "{out}/none.parquet", "--out", "{out}/s.parquet"), "no file"),
        (("explain", "{run}", "--user", "nobody"), "nobody"),
        (("explain", "{run}", "--user", "000", "--item", "i1", "--topic", "tea"), "together"),
        (("recommend", "{run}", "--out", "{out}/r.parquet", "--top", "0"), "0"),
        (("recommend", "{run}", "--out", "{out}/r.parquet", "--block", "no-item"), "no-item"),
        (("recommend", "{run}", "--out", "{out}/r.parquet", "--newcomers"), "has been had before"),
    ],
)
def test_what_cannot_be_answered_ends_with_code_2_a_reason_and_a_next_step(shop, tmp_path, arguments, what):
    result = shop.call(*(part.format(run=shop.run, out=tmp_path) for part in arguments))

    assert result.exit_code == 2
    assert what in result.stderr
    assert "next:" in result.stderr
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == []

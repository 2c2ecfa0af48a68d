import zipfile

import pandas as pd
import pytest

from recviz.model.config import RunConfig, preset_config
from tests.cli.conftest import call, write_log


def test_the_same_file_mapping_and_rules_are_stored_once(shop):
    roles = ("user=CustomerID", "item=StockCode", "time=InvoiceDate", "title=Description", "category=Group",
             "value=Quantity")  # fmt: skip

    again = shop.call("ingest", shop.log, *[part for role in roles for part in ("--map", role)], "--name", "Shop")

    assert again.stdout.splitlines()[-1] == shop.dataset


def test_a_log_is_listed_shown_renamed_exported_and_deleted(tmp_path):
    workspace, log = tmp_path / "w", write_log(tmp_path / "log.csv.gz", users=8, weeks=8)
    stored = call(
        workspace, "ingest", log, "--map", "user=CustomerID", "--map", "item=StockCode", "--where", "Quantity > 1"
    )
    dataset = stored.stdout.splitlines()[-1]

    shown = call(workspace, "datasets", "show", dataset)
    call(workspace, "datasets", "rename", dataset, "Autumn")
    listed = call(workspace, "datasets")
    exported = call(workspace, "export", dataset, "--out", tmp_path / "copy.zip")
    deleted = call(workspace, "datasets", "delete", dataset)

    assert [result.exit_code for result in (stored, shown, listed, exported, deleted)] == [0, 0, 0, 0, 0]
    assert "users\t8" in shown.stdout
    assert f"{dataset}\tAutumn\t8\t" in listed.stdout
    assert any(name.endswith("events.parquet") for name in zipfile.ZipFile(tmp_path / "copy.zip").namelist())
    assert dataset not in call(workspace, "datasets").stdout


def test_a_dry_run_tells_what_would_be_stored_and_stores_nothing(tmp_path):
    log = write_log(tmp_path / "log.csv.gz", users=8, weeks=8)

    result = call(
        tmp_path / "w", "ingest", log, "--where", "Quantity > 1", "--dry-run", "--rejected", tmp_path / "left.csv"
    )

    assert result.exit_code == 0
    assert result.stdout == ""
    assert "rows left out" in result.stderr
    assert len(pd.read_csv(tmp_path / "left.csv")) > 0
    assert call(tmp_path / "w", "datasets").stdout.count("\n") == 1


@pytest.mark.parametrize("named", [(), ("--split", "leave-one-out"), ("--set", "split=leave-one-out")])
def test_a_log_with_an_order_only_is_trained_as_the_preset_says_for_each_users_last_event(ordered, named):
    launched = ordered.call("train", ordered.dataset, "--preset", "fast", *named, "--detach")
    run = launched.stdout.split()[-1]
    ordered.call("cancel", run)

    config = RunConfig.read(ordered.workspace / "runs" / run)

    assert config == preset_config("fast", dataset=ordered.dataset, split="leave-one-out")


def test_a_log_with_an_order_only_is_ranked_and_explained_and_says_that_it_has_no_curves(ordered, tmp_path):
    events = pd.read_parquet(ordered.workspace / "datasets" / ordered.dataset / "events.parquet")

    ranked = ordered.call("recommend", ordered.run, "--top", "3", "--out", tmp_path / "r.parquet", "--keep-seen")
    explained = ordered.call("explain", ordered.run, "--user", "u1", "--item", "i1", "--detailed", "1")
    refused = ordered.call("forecast", ordered.run, "--out", tmp_path / "f.parquet")

    assert "seq_pos" in events.columns
    assert "timestamp" not in events.columns
    assert (ranked.exit_code, explained.exit_code, refused.exit_code) == (0, 0, 2)
    assert pd.read_parquet(tmp_path / "r.parquet").groupby("user_id").size().eq(3).all()
    assert "order only" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("ingest", "{folder}/none.csv"), "none.csv"),
        (("ingest", "{log}", "--map", "user=Nobody"), "Nobody"),
        (("ingest", "{log}", "--map", "user"), "user"),
        (("ingest", "{log}", "--where", "Quantity >"), "Quantity >"),
        (("datasets", "show", "no-log"), "no-log"),
        (("datasets", "delete", "no-log"), "no-log"),
        (("export", "no-run", "--out", "{folder}/x"), "no-run"),
    ],
)
def test_what_cannot_be_done_ends_with_code_2_and_a_next_step(tmp_path, arguments, what):
    log = write_log(tmp_path / "log.csv.gz", users=4, weeks=4)

    result = call(tmp_path / "w", *(part.format(folder=tmp_path, log=log) for part in arguments))

    assert result.exit_code == 2
    assert what in result.stderr
    assert "next:" in result.stderr
    assert result.stdout == ""


def test_a_log_in_use_is_not_deleted(shop):
    result = shop.call("datasets", "delete", shop.dataset)

    assert result.exit_code == 2
    assert shop.run in result.stderr
    assert shop.dataset in shop.call("datasets").stdout

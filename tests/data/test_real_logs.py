"""The real logs beside the project go in as they are, by guesses alone."""

from pathlib import Path

import pytest

from recviz.services import datasets
from recviz.services.datasets import Asked, LogFiles
from recviz.services.workspace import Workspace
from recviz.settings import Settings


def ingested(folder: Path, events: Path, asked: Asked | None = None) -> tuple[Workspace, datasets.Ingested]:
    ws = Workspace(Settings(workspace=folder))
    items = events.parent / "items.parquet"
    files = LogFiles(
        events=datasets.local_file(events), items=datasets.local_file(items) if items.is_file() else None
    )  # fmt: skip
    return ws, datasets.ingest(ws, files, datasets.preview(ws, files, asked).plan)


@pytest.mark.slow
def test_online_retail_comes_to_its_published_size(real_logs: Path, tmp_path: Path):
    rules = Asked(
        where=["Quantity > 0", "UnitPrice > 0"], kind_rules=["InvoiceNo starts with C means return"]
    )  # fmt: skip

    ws, stored = ingested(tmp_path, real_logs / "online_retail" / "online_retail.csv.gz", rules)

    assert (stored.manifest.n_rows_read, stored.manifest.n_events) == (541_909, 397_884)
    assert (stored.manifest.n_users, stored.manifest.n_items) == (4_338, 3_665)
    assert stored.report.rejections[0].n_rows == 135_080
    assert stored.report.outliers[0].extremes[0][1] == 80_995
    assert stored.manifest.value_name == "Quantity"
    log = ws.dataset(stored.dataset_id)
    assert log.title(log.item_index("85123A")) == "WHITE HANGING HEART T-LIGHT HOLDER"
    assert len(log.store.history(log.user_index("17850"))) > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "ordering", "sizes"),
    [
        ("ml_1m", "order", (6_040, 3_883, 999_050)),
        ("amazon_beauty", "order", (22_363, 12_101, 198_502)),
        ("movietweetings", "time", (16_554, 10_506, 100_000)),
        ("ms_store", "time", (2_343, 101, 11_838)),
    ],
)
def test_a_public_log_goes_in_by_guesses_alone(
    real_logs: Path, tmp_path: Path, name: str, ordering: str, sizes: tuple[int, int, int]
):
    ws, stored = ingested(tmp_path, real_logs / name / "events.parquet")

    manifest = stored.manifest
    assert manifest.ordering == ordering
    assert (manifest.n_users, manifest.n_items, manifest.n_events) == sizes
    assert manifest.has_item_table
    assert manifest.name == name.replace("_", " ")
    assert ws.dataset(stored.dataset_id).store.n_events == sizes[2]

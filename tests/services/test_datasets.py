"""From an upload to a stored log and away again, as the Log page and the commands do it."""

import io
import os
import zipfile
from pathlib import Path

import polars as pl
import pytest

from recviz.data.dataset import Dataset
from recviz.data.findings import ReadOptions
from recviz.errors import BusyError, InvalidLogError, InvalidSettingError, NotFoundError
from recviz.model.config import RunConfig
from recviz.services import datasets
from recviz.services.datasets import Asked, LogFiles, Upload
from recviz.services.workspace import Workspace
from recviz.settings import Settings

LOG = b"user_id,item_id,timestamp,title\n007,A,2024-01-01,Tent\n007,B,2024-01-09,=SUM(A1)\n,B,2024-01-09,-x\nb,A,2024-01-03,\n"


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return Workspace(
        Settings(workspace=tmp_path / "workspace", max_upload_mb=1, import_folders=str(tmp_path / "shared"))
    )


def uploaded(ws: Workspace, content: bytes = LOG, name: str = "log.csv") -> Upload:
    return datasets.receive_upload(ws, name, io.BytesIO(content))


def ingested(ws: Workspace, content: bytes = LOG, name: str | None = None) -> datasets.Ingested:
    files = LogFiles(events=uploaded(ws, content))
    return datasets.ingest(ws, files, datasets.preview(ws, files).plan, name)


def listing(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize(
    "name", ["../../x.csv", "C:\\x.csv", "a\0b.csv", "n" * 300, "\U0001f600.csv", "CON", "", "/etc/passwd", ".."]
)
def test_an_uploads_name_is_shown_and_never_a_path(ws: Workspace, name: str):
    before = listing(ws.settings.workspace.parent)

    upload = uploaded(ws, name=name)

    new = set(listing(ws.settings.workspace.parent)) - set(before)
    assert new == {f"workspace/uploads/{upload.id}{part}" for part in ("", "/content", "/upload.json")}
    assert "\0" not in upload.name
    assert 0 < len(upload.name) <= 200
    assert datasets.open_upload(ws, upload.id) == upload


@pytest.mark.parametrize("content", [b"", b"x" * 1_000_001])
def test_an_upload_that_is_empty_or_too_large_leaves_nothing(ws: Workspace, content: bytes):
    with pytest.raises(InvalidLogError, match=r"empty|larger than 1 MB"):
        uploaded(ws, content)

    assert listing(ws.settings.uploads) == []


def test_an_upload_that_breaks_off_leaves_nothing(ws: Workspace):
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:  # noqa: ARG002 - as every stream has it
            if self.tell():
                raise ConnectionResetError
            return super().read(10)

    with pytest.raises(ConnectionResetError):
        datasets.receive_upload(ws, "log.csv", Broken(LOG))

    assert listing(ws.settings.uploads) == []


@pytest.mark.parametrize("upload_id", ["", "..", "../datasets", "nothere", "a/b"])
def test_an_unknown_upload_is_told_and_nothing_is_deleted(ws: Workspace, upload_id: str):
    kept = uploaded(ws)

    with pytest.raises(NotFoundError):
        datasets.open_upload(ws, upload_id)
    datasets.delete_upload(ws, upload_id)

    assert datasets.open_upload(ws, kept.id) == kept


def test_only_files_whose_real_place_is_allowed_are_read_from_the_server(ws: Workspace, tmp_path: Path):
    shared, secret = tmp_path / "shared", tmp_path / "secret.csv"
    shared.mkdir()
    secret.write_bytes(LOG)
    (shared / "log.csv").write_bytes(LOG)
    (shared / "link.csv").symlink_to(secret)

    allowed = datasets.server_file(ws, str(shared / "log.csv"))

    assert allowed.path == shared / "log.csv"
    for path in (secret, shared / "link.csv", shared / ".." / "secret.csv", shared / "none.csv", "a\0b", shared):
        with pytest.raises(InvalidLogError, match="may be read"):
            datasets.server_file(ws, str(path))


def test_a_log_goes_in_by_guesses_alone(ws: Workspace):
    files = LogFiles(events=uploaded(ws))

    preview = datasets.preview(ws, files)
    report = datasets.check(ws, files, preview.plan)
    nothing_yet = datasets.list_datasets(ws)
    stored = datasets.ingest(ws, files, preview.plan, "Camping")

    assert preview.problems == report.problems == nothing_yet == ()
    assert report == stored.report
    assert datasets.look(ws, files)["events"].words == 'delimited text (","), utf-8'
    assert (stored.manifest.name, stored.manifest.n_events, stored.was_there) == ("Camping", 3, False)
    assert stored.manifest.rejected == {"no user: user_id is empty": 1}
    assert list(ws.dataset(stored.dataset_id).user_ids) == ["007", "b"]
    assert listing(ws.settings.cache / "work") == []


def test_the_same_bytes_mapping_and_rules_are_stored_once(ws: Workspace):
    first = ingested(ws, name="One")

    again = ingested(ws, name="Two")

    assert again.was_there
    assert again.dataset_id == first.dataset_id
    assert [row.manifest.name for row in datasets.list_datasets(ws)] == ["Two"]


def test_an_ingest_that_breaks_off_leaves_nothing(ws: Workspace, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("recviz.data.writer.Manifest.write", full)

    with pytest.raises(OSError, match="No space"):
        ingested(ws)

    assert listing(ws.settings.datasets) == []
    assert listing(ws.settings.cache / "work") == []


def test_what_a_killed_process_left_is_no_dataset_and_is_swept_away(ws: Workspace):
    left = ws.settings.datasets / ".partial-1"
    left.mkdir()
    os.utime(left, (0, 0))

    assert datasets.list_datasets(ws) == ()
    ingested(ws)

    assert not left.exists()


@pytest.mark.parametrize("content", [b"PAR1....", b"<html>", b"user_id,item_id\na,b\n", b"\x89PNG\r\n"])
def test_a_bad_file_changes_nothing_in_the_workspace(ws: Workspace, content: bytes):
    kept = ingested(ws)
    before = listing(ws.settings.datasets)

    with pytest.raises(InvalidLogError) as refused:
        ingested(ws, content)

    assert all(problem.mend for problem in refused.value.problems)
    assert listing(ws.settings.datasets) == before
    assert ws.dataset(kept.dataset_id).manifest == kept.manifest


def test_the_problems_of_all_files_are_told_at_once(ws: Workspace):
    files = LogFiles(events=uploaded(ws, b"%PDF"), items=uploaded(ws, b"<html>"), users=uploaded(ws, b"PAR1"))

    with pytest.raises(InvalidLogError) as refused:
        datasets.preview(ws, files)

    assert len(refused.value.problems) == 3


def test_item_and_user_tables_are_mapped_by_guess_or_by_name(ws: Workspace):
    items = uploaded(ws, b"sku;label;kind\nA;Tent for two;Camping\nZ;Kayak paddle;Water\n", "items.csv")
    people = uploaded(ws, b"user_id,segment\n007,gold\nb,iron\n", "users.csv")
    files = LogFiles(events=uploaded(ws), items=items, users=people)

    plan = datasets.preview(
        ws, files, Asked(mapping=["items.item=sku", "items.title=label", "items.category=kind"])
    ).plan
    stored = datasets.ingest(ws, files, plan)
    log = ws.dataset(stored.dataset_id)

    assert plan.items is not None
    assert plan.items.key == "sku"
    assert list(log.item_ids) == ["A", "B", "Z"]
    assert log.title(0) == "Tent for two"
    assert list(log.users["segment"]) == ["gold", "iron"]


def test_an_encoding_that_is_given_is_used(ws: Workspace):
    content = "user_id,item_id,timestamp,title\nи,A,2024-01-01,Палатка\nи,B,2024-01-02,Лодка\n".encode("cp1251")
    upload = uploaded(ws, content)

    with pytest.raises(InvalidLogError, match="encoding"):
        datasets.preview(ws, LogFiles(events=upload))
    files = LogFiles(events=upload, options=ReadOptions(encoding="cp1251"))

    assert datasets.preview(ws, files).rows[0]["title"] == "Палатка"


def test_rejected_rows_are_exact_in_parquet_and_harmless_in_csv(ws: Workspace, tmp_path: Path):
    content = LOG + b",B,2024-01-09,=SUM(A1)\n,-5,x,+1\n"
    files = LogFiles(events=uploaded(ws, content))
    plan = datasets.preview(ws, files).plan

    n_rows = datasets.rejected_rows(ws, files, plan, tmp_path / "left out.parquet")
    datasets.rejected_rows(ws, files, plan, tmp_path / "left out.csv")

    exact = pl.read_parquet(tmp_path / "left out.parquet")
    assert n_rows == len(exact) == 3
    assert exact["line"].to_list() == [4, 6, 7]
    assert exact["title"].to_list() == ["-x", "=SUM(A1)", "+1"]
    assert pl.read_csv(tmp_path / "left out.csv")["title"].to_list() == ["'-x", "'=SUM(A1)", "+1"]


def test_a_dataset_is_renamed_exported_and_deleted(ws: Workspace, tmp_path: Path):
    stored = ingested(ws, name="Camping")
    size = datasets.disk_usage(ws, stored.dataset_id)

    datasets.rename(ws, stored.dataset_id, "Outdoor")
    folder = datasets.export_dataset(ws, stored.dataset_id, tmp_path / "out")
    packed = datasets.export_dataset(ws, stored.dataset_id, tmp_path / "out.zip")
    freed = datasets.delete(ws, stored.dataset_id)

    assert Dataset(folder).manifest.name == "Outdoor"
    assert sorted(zipfile.ZipFile(packed).namelist()) == sorted(path.name for path in folder.iterdir())
    assert pl.read_parquet(folder / "events.parquet")["user_id"].to_list() == ["007", "007", "b"]
    assert abs(freed - size) < 50
    assert datasets.list_datasets(ws) == ()
    assert listing(ws.settings.datasets) == []


@pytest.mark.parametrize("name", ["", "  ", "n" * 81, "a\nb"])
def test_a_name_that_cannot_be_shown_is_refused(ws: Workspace, name: str):
    stored = ingested(ws, name="Camping")

    with pytest.raises(InvalidSettingError):
        datasets.rename(ws, stored.dataset_id, name)


def test_a_dataset_that_runs_use_is_not_deleted(ws: Workspace):
    stored = ingested(ws)
    for run in ("balanced-2", "fast-1"):
        (ws.settings.runs / run).mkdir()
        RunConfig(dataset=stored.dataset_id).write(ws.settings.runs / run)

    with pytest.raises(BusyError, match=r"2 runs use this log[\s\S]*balanced-2, fast-1"):
        datasets.delete(ws, stored.dataset_id)

    assert datasets.list_datasets(ws)[0].runs == ("balanced-2", "fast-1")
    assert ws.dataset(stored.dataset_id).store.n_events == 3


def test_a_profile_warns_of_text_that_the_default_backbone_cannot_read(ws: Workspace):
    titles = ["自行車的鏈條潤滑油", "羽絨睡袋套裝", "雙人帳篷", "防水登山鞋", "折疊廚房刀具"]
    rows = "".join(f"u{n % 3},i{n % 5},2024-01-{1 + n:02},{titles[n % 5]}\n" for n in range(20))

    chinese = datasets.profile(ws, ingested(ws, f"user_id,item_id,timestamp,title\n{rows}".encode()).dataset_id)
    english = datasets.profile(ws, ingested(ws).dataset_id)

    assert chinese.unreadable_share is not None
    assert chinese.unreadable_share > 0.1
    assert "intfloat/multilingual-e5-small" in chinese.warnings[0]
    assert english.unreadable_share == 0
    assert not any("cannot read" in warning for warning in english.warnings)

"""The sample shop on disk: the export that an analyst would get, and the truth beside it."""

import gzip
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from recviz.data.synthetic.catalogue import CAUSES, DECOYS, SEASONAL, UNLEARNABLE, Link
from recviz.data.synthetic.log import Year, make_year
from recviz.data.synthetic.process import Effects
from recviz.data.synthetic.truth import expected_after_cut
from recviz.data.whole import write_whole


@dataclass(frozen=True, slots=True)
class SampleFiles:
    """Where the sample shop's files are: the arguments of an ingestion."""

    events: Path
    """``customer, product, title, category, bought_at, quantity``."""
    items: Path
    """``item_id, title, category``: all 480, sold or not."""
    users: Path
    """``user_id, region``."""


def write_sample(folder: Path) -> SampleFiles:
    """Write the log, the items and the users (about a second); the same bytes every time."""
    folder.mkdir(parents=True, exist_ok=True)
    return _write_log(folder, make_year())


def write_truth(folder: Path, replicates: int = 128) -> None:
    """Write the sample with its truth (about half a minute).

    Args:
        folder: Where to; made if needed. Beside the log it gets ``truth.parquet`` (``user_id, week, category, events``),
            ``truth_days.parquet`` (``user_id, week, active_days``) and ``causes.json``.
        replicates: Simulated futures of each user.
    """
    folder.mkdir(parents=True, exist_ok=True)
    year = make_year()
    _write_log(folder, year)
    write_whole(folder / "causes.json", json.dumps(_planted(year), indent=1).encode())
    truth = expected_after_cut(year, replicates)
    write_whole(folder / "truth.parquet", _parquet(truth.events))
    write_whole(folder / "truth_days.parquet", _parquet(truth.active_days))


def _write_log(folder: Path, year: Year) -> SampleFiles:
    files = SampleFiles(folder / "events.csv.gz", folder / "items.csv", folder / "users.csv")
    write_whole(files.events, gzip.compress(_csv(year.events), compresslevel=9, mtime=0))
    write_whole(files.items, _csv(year.shop.items[["item_id", "title", "category"]].sort_values("item_id")))
    write_whole(files.users, _csv(year.users.sort_values("user_id")))
    return files


def _planted(year: Year) -> dict[str, Any]:
    """Tell what was planted, with item ids, for tests and for readers."""
    items, effects = year.shop.items, year.shop.effects

    def told(links: Sequence[Link], odds: float) -> list[dict[str, Any]]:
        return [
            {
                **asdict(link),
                "odds": odds,
                "days": effects.odds_days,
                "cause_items": sorted(items.loc[items["family"] == link.cause, "item_id"]),
                "effect_items": sorted(items.loc[items["family"] == link.effect, "item_id"]),
            }
            for link in links
        ]

    return {
        "causes": told(CAUSES, effects.odds),
        "decoys": told(DECOYS, 1.0),
        "seasonal": {"first_peak_week": SEASONAL, "weeks_between_peaks": 26, "logit_amplitude": effects.season_height},
        "unlearnable": UNLEARNABLE,
        "origin": _cut_day(effects),
        "effects": asdict(effects),
    }


def _cut_day(effects: Effects) -> str:
    return (pd.Timestamp(effects.first_day) + pd.Timedelta(weeks=effects.cut_week)).strftime("%Y-%m-%d")


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n").encode()


def _parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), buffer, compression="zstd", compression_level=19)
    return buffer.getvalue()

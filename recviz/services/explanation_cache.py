"""Explanations that were made before, in the workspace: a link reopens exactly what was seen."""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from recviz.data.history import History
from recviz.data.whole import write_whole
from recviz.errors import InvalidSettingError
from recviz.explain.explainer import How
from recviz.explain.explanation import FORMAT, Explanation
from recviz.explain.reading import explanation_from_json
from recviz.explain.targets import Target
from recviz.model.predictor import Predictor

FOLDER = "explanations"
MOST = 2_000
"""Explanations that are kept; the longest unused go first."""


@dataclass(frozen=True, slots=True)
class Key:
    """All that an explanation depends on."""

    fingerprint: str
    """Run, checkpoint and origin."""
    user_id: str
    history: str
    """Hash of the user's events at this origin."""
    instant: int
    target: Target
    how: How
    format: int = FORMAT

    @property
    def name(self) -> str:
        """The file's name."""
        told = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return f"{hashlib.sha256(told.encode('utf-8')).hexdigest()[:40]}.json"


def key_of(predictor: Predictor, user: int, target: Target, how: How) -> Key:
    """Return the key of an explanation of this user's number."""
    return Key(
        predictor.fingerprint,
        str(predictor.dataset.user_ids[user]),
        hash_of(predictor.history(user)),
        predictor.instant_of(user),
        target,
        how,
    )


def hash_of(history: History) -> str:
    """Return a hash that differs as soon as one event does."""
    digest = hashlib.sha256()
    for column in (history.item, history.time, history.kind, history.value):
        digest.update(column.tobytes())
    return digest.hexdigest()


class ExplanationCache:
    """A folder of explanations as JSON; what cannot be read counts as absent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER

    def get(self, key: Key) -> Explanation | None:
        """Return the explanation of this key, if there is one."""
        path = self._folder / key.name
        try:
            content = path.read_bytes()
            os.utime(path)  # now it is the latest used
            return explanation_from_json(content)
        except FileNotFoundError:
            return None
        except InvalidSettingError:
            path.unlink(missing_ok=True)
            return None

    def put(self, key: Key, explanation: Explanation) -> None:
        """Keep an explanation, in place of an earlier one of the same key."""
        self._folder.mkdir(parents=True, exist_ok=True)
        write_whole(self._folder / key.name, explanation.to_json().encode("utf-8"))
        kept = sorted(self._folder.glob("*.json"), key=_last_used)
        for path in kept[: max(0, len(kept) - MOST)]:
            path.unlink(missing_ok=True)

    def remembered(self, key: Key, make: Callable[[], Explanation]) -> Explanation:
        """Return the explanation of this key; make and keep it where there is none."""
        found = self.get(key)
        if found is None:
            found = make()
            self.put(key, found)
        return found


def _last_used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another session removed it
        return 0.0

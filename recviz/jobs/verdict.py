"""What an error that ended a run means to the person who launched it: a reason and the settings to try."""

import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from recviz.errors import DivergedError, RecvizError
from recviz.language import mark
from recviz.model.config import RunConfig

DISK_FULL_EXIT = os.EX_IOERR
"""Exit code of a worker that could not even write down why it ended."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FULL_WORDS = ("No space left on device", "disk is full", "File too large", "Disk quota exceeded")
LOST_WORDS = ("CUDA error", "CUDA driver", "device-side assert", "No CUDA GPUs are available")
NO_MEMORY_WORDS = ("can't allocate memory", "CUDA out of memory", "CUDA error: out of memory", "std::bad_alloc")

LEAST_TEXTS, LEAST_HISTORIES, LEAST_EVENTS = 12, 4, 16
USUAL_HISTORIES = 64
"""What ``batch_users=0`` takes at most."""
GO_ON = mark("it goes on from its last checkpoint")
DISK_FULL_MEND = mark(f"Free some space, for example by deleting runs, then resume it: {GO_ON}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a run failed, and what to do about it, in plain words."""

    reason: str
    mend: str
    to_try: Mapping[str, float] = field(default_factory=dict)
    """Settings that may help, with values."""

    @property
    def words_to_try(self) -> str:
        """The settings as ``Job.to_try`` holds them."""
        return " ".join(f"{name}={value:g}" for name, value in self.to_try.items())


def verdict(error: BaseException, config: RunConfig) -> Verdict:
    """Judge an error that ended a run with these settings."""
    if isinstance(error, DivergedError):
        return diverged(f"{error.problems[0].what} ({error.problems[0].where})", config)
    if is_full_disk(error):
        return Verdict(mark("The disk is full"), DISK_FULL_MEND)
    if isinstance(error, RecvizError):
        first = error.problems[0]
        return Verdict(f"{first.what} ({first.where})", first.mend)
    if isinstance(error, MemoryError) or any(words in str(error) for words in NO_MEMORY_WORDS):
        return no_memory(mark("The memory of the device was not enough"), config)
    if any(words in str(error) for words in LOST_WORDS):
        return Verdict(
            mark("The GPU was lost"),
            mark(f"Look at the machine, then resume it: {GO_ON}. With RECVIZ_DEVICE=cpu it goes on without the GPU"),
        )
    return Verdict(
        mark(f"Something unexpected happened: {type(error).__name__}: {error}"),
        mark("The end of the log says where; please report it. Resuming goes on from the last checkpoint"),
    )


def no_memory(reason: str, config: RunConfig) -> Verdict:
    """Suggest what takes less memory: texts first, since with fewer of them a run can go on where it was."""
    histories = config.batch_users or USUAL_HISTORIES
    if config.tuning != "frozen" and config.texts_per_step > LEAST_TEXTS:
        to_try = {"texts_per_step": max(LEAST_TEXTS, config.texts_per_step // 2)}
        what, how = mark(f"texts_per_step to {to_try['texts_per_step']}"), GO_ON
    elif histories > LEAST_HISTORIES:
        to_try = {"batch_users": max(LEAST_HISTORIES, histories // 2), "accumulate": 2 * config.accumulate}
        what = mark(f"batch_users to {to_try['batch_users']} and accumulate to {to_try['accumulate']}")
        how = mark("it begins anew with them")
    elif config.max_history > LEAST_EVENTS:
        to_try = {"max_history": max(LEAST_EVENTS, config.max_history // 2)}
        what, how = mark(f"max_history to {to_try['max_history']}"), mark("it begins anew with it")
    else:
        none_left = mark("Close other programs, or use a machine with more memory: no setting would take less")
        return Verdict(reason, none_left)
    return Verdict(reason, mark(f"Set {what} and restart it: {how}. Closing other programs helps too"), to_try)


def diverged(reason: str, config: RunConfig) -> Verdict:
    """Suggest slower learning, with which a run can go on from its last good checkpoint."""
    to_try = {"rate": config.rate / 4}
    what = mark(f"rate to {to_try['rate']:g}")
    if config.tuning != "frozen":
        to_try["text_rate"] = config.text_rate / 4
        what = mark(f"rate to {to_try['rate']:g} and text_rate to {to_try['text_rate']:g}")
    return Verdict(
        reason,
        mark(
            f"Set {what} and restart it: {GO_ON}, the last good one. If it happens again, look for extreme values in "
            "the log"
        ),
        to_try,
    )


def is_full_disk(error: BaseException) -> bool:
    """Whether an error, whatever library raised it, says that nothing more can be written."""
    if isinstance(error, OSError) and error.errno in FULL:
        return True
    return any(words in str(error) for words in FULL_WORDS)  # safetensors and SQLite say it in words alone

"""What an error that ended a run means to the person who launched it: a reason and the settings to try."""

import errno
import os

from recviz.errors import RecvizError

DISK_FULL_EXIT = os.EX_IOERR
"""Exit code of a worker that could not even write down why it ended."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FULL_WORDS = ("No space left on device", "disk is full", "File too large", "Disk quota exceeded")
NO_MEMORY_WORDS = ("can't allocate memory", "CUDA out of memory", "std::bad_alloc")

LESS_MEMORY = (
    "Clone the run with half as many histories per step (batch_users) and texts per step (texts_per_step), "
    "or a shorter history (max_history)"
)


def verdict(error: BaseException) -> tuple[str, str]:
    """Say in plain words why a run failed, and what to do about it."""
    if isinstance(error, RecvizError):
        first = error.problems[0]
        return f"{first.what} ({first.where})", first.mend
    if is_full_disk(error):
        return "The disk is full", "Free some space, then resume it: it goes on from its last checkpoint"
    if isinstance(error, MemoryError) or any(words in str(error) for words in NO_MEMORY_WORDS):
        return "The memory of the device was not enough", LESS_MEMORY
    if "CUDA error" in str(error):
        return "The GPU was lost", "Look at the machine, then resume it: it goes on from its last checkpoint"
    return (
        f"Something unexpected happened: {type(error).__name__}: {error}",
        "The end of the log says where; please report it. Resuming goes on from the last checkpoint",
    )


def is_full_disk(error: BaseException) -> bool:
    """Whether an error, whatever library raised it, says that nothing more can be written."""
    if isinstance(error, OSError) and error.errno in FULL:
        return True
    return any(words in str(error) for words in FULL_WORDS)  # safetensors and SQLite say it in words alone

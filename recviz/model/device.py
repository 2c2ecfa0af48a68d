"""Where a model runs."""

import torch

from recviz.errors import InvalidSettingError
from recviz.language import tr


def pick_device(wish: str) -> torch.device:
    """Turn ``auto``, ``cpu`` or ``cuda`` into a device.

    Raises:
        InvalidSettingError: If a GPU is asked for and there is none.
    """
    if wish not in {"auto", "cpu", "cuda"}:
        raise InvalidSettingError.of(
            tr("{wish!r} is not a device").format(wish=wish), "RECVIZ_DEVICE", tr("Set it to auto, cpu or cuda")
        )
    has_gpu = torch.cuda.is_available()
    if wish == "cuda" and not has_gpu:
        raise InvalidSettingError.of(
            tr("There is no GPU that torch can use"), "RECVIZ_DEVICE=cuda", tr("Set it to auto or cpu")
        )
    return torch.device("cuda" if has_gpu and wish != "cpu" else "cpu")

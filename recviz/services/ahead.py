"""What the pages open with, worked out before anybody asks: the app does it beside its start."""

from collections.abc import Iterator
from contextlib import suppress

from recviz.errors import RecvizError
from recviz.services import forecasts, runs
from recviz.services.first_example import telling_user
from recviz.services.workspace import Origin, Workspace


def look_ahead(ws: Workspace) -> Iterator[str]:
    """Open the newest finished run and work out everybody's curve, the segments and the first explanation; yields what is ready.

    What a run cannot answer, such as curves of a log without times, is left out: the page says why when it is asked.
    """
    run = next((job.id for job in runs.runs(ws) if job.state == "completed"), None)
    if run is None:
        return
    origins: tuple[Origin, ...] = ("cut", "now")
    for origin in origins:
        with suppress(RecvizError):
            ws.predictor(run, origin)
            yield f"model, {origin}"
    for origin in reversed(origins):  # Home comes first and looks ahead from now
        with suppress(RecvizError):
            forecasts.user_lists(ws, run, origin)
            yield f"users, {origin}"
    with suppress(RecvizError):
        forecasts.segments(ws, run, "cut")
        yield "segments"
    with suppress(RecvizError):
        telling_user(ws, run)
        yield "explanation"

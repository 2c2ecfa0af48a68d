"""Tell another program that a run has ended: an optional webhook, posted once for each end, whoever settled it."""

import http.client
import json
import logging
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from recviz.jobs.job import Job
from recviz.jobs.store import JobStore
from recviz.language import mark
from recviz.settings import Settings

TIMEOUT_SECONDS = 5.0
_log = logging.getLogger(__name__)


def announce(settings: Settings, store: JobStore, run_id: str) -> None:
    """Post a run's end to the webhook if there is one; a post that fails is noted in the run's history, no more.

    Worker and supervisor both call this: the store lets one of them through.
    """
    if not store.claim_announcement(run_id) or not settings.webhook:
        return
    host = urlsplit(settings.webhook).netloc.rpartition("@")[2]  # the rest of the address may be a secret
    try:
        _post(settings.webhook, message(store.get(run_id)))
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        told = (
            f"HTTP {error.code}" if isinstance(error, urllib.error.HTTPError) else str(reason) or type(error).__name__
        )
        _log.warning("The webhook at %s could not be told: %s", host, told)
        store.note(run_id, mark(f"the webhook at {host} could not be told of the end: {told}"))
    else:
        store.note(run_id, mark(f"told the webhook at {host} of the end"))


def message(job: Job) -> dict[str, str | float | None]:
    """Return what is posted, as JSON."""
    return {
        "run": job.id,
        "name": job.name,
        "state": job.state,
        "dataset": job.dataset,
        "preset": job.preset,
        "device": job.device,
        "against_baseline": job.versus_baseline,
        "reason": job.reason,
        "mend": job.mend,
        "took_seconds": round(job.took_seconds, 1),
        "ended": None if job.ended is None else job.ended.isoformat("T", "seconds"),
    }


class _NoDetours(urllib.request.HTTPRedirectHandler):
    """A redirect is an error: what was configured is what is told."""

    def redirect_request(self, *_: object) -> None:
        return None


def _post(url: str, content: dict[str, str | float | None]) -> None:
    request = urllib.request.Request(  # noqa: S310 - settings allow http and https alone
        url, json.dumps(content).encode(), {"Content-Type": "application/json", "User-Agent": "recviz"}
    )
    with urllib.request.build_opener(_NoDetours).open(request, timeout=TIMEOUT_SECONDS):
        pass

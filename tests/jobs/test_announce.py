import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from recviz.errors import InvalidSettingError
from recviz.jobs import announce as announcing
from recviz.jobs.announce import announce
from recviz.jobs.store import utc_now
from recviz.jobs.worker import do
from recviz.settings import Settings
from tests.jobs.scripted import ScriptedWork, queue


class Listener:
    """A web server on this machine that keeps what it is told."""

    def __init__(self, answer, headers=()):
        self.told = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                outer.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(answer)
                for name, value in headers:
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/hook?token=secret"
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def with_hook(settings, address):
    return Settings(workspace=settings.workspace, heartbeat_seconds=0.5, device="cpu", webhook=address)


def work_off(settings, store, **script):
    return do(settings, "run-1", store.claim_next().attempt, ScriptedWork(settings.runs / "run-1", **script))


def words(store):
    return [happening.text for happening in store.history("run-1")]


def test_a_completed_run_is_told_once_by_its_own_worker(settings, store):
    queue(settings, "run-1")
    with Listener(204) as listener:
        hooked = with_hook(settings, listener.address)
        work_off(hooked, store)
        announce(hooked, store, "run-1")  # the supervisor, a moment later

    (told,) = listener.told
    assert (told["run"], told["state"], told["reason"]) == ("run-1", "completed", "")
    assert told["against_baseline"] == "+9 % (5 to 13) against LightGBM"
    assert told["took_seconds"] >= 0
    assert words(store)[-1] == f"told the webhook at 127.0.0.1:{listener.server.server_port} of the end"


def test_a_failed_run_tells_its_reason_and_each_end_is_told(settings, store):
    queue(settings, "run-1")
    with Listener(200) as listener:
        hooked = with_hook(settings, listener.address)
        work_off(hooked, store, error="NaN loss")
        store.move("run-1", "queued", "queued again")
        work_off(hooked, store)

    assert [told["state"] for told in listener.told] == ["failed", "completed"]
    assert listener.told[0]["reason"] == "The loss is not a number any more (step 3)"


@pytest.mark.parametrize(("answer", "said"), [(500, "HTTP 500"), (302, "HTTP 302")])
def test_an_answer_that_is_no_yes_is_noted_without_the_address_and_harms_nothing(settings, store, answer, said):
    queue(settings, "run-1")
    with Listener(answer, [("Location", "http://127.0.0.1:9/elsewhere")]) as listener:
        code = work_off(with_hook(settings, listener.address), store)

    assert code == 0
    assert store.get("run-1").state == "completed"
    assert words(store)[-1].endswith(f"could not be told of the end: {said}")
    assert "secret" not in words(store)[-1]


def test_nobody_listening_is_noted(settings, store):
    queue(settings, "run-1")
    with Listener(200) as listener:
        gone = listener.address

    work_off(with_hook(settings, gone), store)

    assert store.get("run-1").state == "completed"
    assert "Connection refused" in words(store)[-1]


def test_a_listener_that_never_answers_is_given_up(settings, store, monkeypatch):
    monkeypatch.setattr(announcing, "TIMEOUT_SECONDS", 0.2)
    queue(settings, "run-1")
    store.move("run-1", "cancelled", "cancelled", ended=utc_now())
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)  # accepts and says nothing

    announce(with_hook(settings, f"http://127.0.0.1:{server.server_port}/"), store, "run-1")

    server.server_close()
    assert "timed out" in words(store)[-1]


def test_without_a_webhook_nothing_is_said_and_a_run_at_work_is_never_announced(settings, store):
    queue(settings, "run-1")
    announce(settings, store, "run-1")
    assert not store.get("run-1").announced

    work_off(settings, store)

    assert store.get("run-1").announced
    assert words(store)[-1] == "completed"


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://example.org/x", "example.org/hook", "https://"])
def test_only_web_addresses_are_taken(address):
    with pytest.raises(InvalidSettingError, match="not an http or https address"):
        Settings(webhook=address)

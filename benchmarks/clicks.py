"""How soon pages stand and clicks are answered, on a workspace with Online Retail and ten runs.

    python -m benchmarks.clicks [--workspace build/clicks] [--times 5]

Makes the workspace where it is not there: Online Retail from ``../shared``, one quick run, copied until there are ten.
Then the app is served and headless Chromium opens each page by its link in a fresh context, and clicks what needs no model.
Prints one JSON object: milliseconds at the median and at the slowest. A page stands when its headline is seen; a click is
answered when the script that it started has ended, and "shown" is when the first words of the page changed. Targets: 1,500
for a page, 300 for a click. The first visits, which load the model, are not counted and are told apart. Before it, the same
is measured of a page that holds a title, a button and a table of three rows and works for 50 ms ("bare"): what Streamlit and
the browser take on this machine, now.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright

from recviz.services.workspace import Workspace
from recviz.settings import Settings
from tests.browser.serving import served
from tests.browser.visiting import PATIENCE, settled

ROOT = Path(__file__).resolve().parents[1]
LOG = ROOT.parent / "shared" / "data" / "online_retail" / "online_retail.csv.gz"
RUNS = 10
QUICK = ("--preset", "fast", "--origin", "2011-09-10", "--set", "passes=1", "--set", "refit=false", "--set", "width=32")
PAGES = ("", "log", "fine-tune", "runs", "interest", "explain", "compare")
WINDOW = {"width": 1440, "height": 900}
ANSWERED = """() => new Promise(done => {
  const app = document.querySelector('[data-testid=stApp]');
  let began = null, shown = null;
  document.addEventListener('pointerdown', () => { began = performance.now(); }, {capture: true, once: true});
  const words = new MutationObserver(changes => {
    const told = changes.some(one => !(one.target.parentElement ?? one.target).closest('[data-testid=stDataFrame]'));
    if (began === null || !told) return;
    words.disconnect();
    requestAnimationFrame(() => { shown = performance.now() - began; });
  });
  words.observe(document.querySelector('[data-testid=stMain]'), {childList: true, characterData: true, subtree: true});
  new MutationObserver((_, watch) => {
    if (began === null || app.dataset.testScriptState !== 'notRunning') return;
    watch.disconnect();
    requestAnimationFrame(() => { words.disconnect(); done([performance.now() - began, shown]); });
  }).observe(app, {attributes: true, attributeFilter: ['data-test-script-state']});
})"""
NEVER = "new Promise((_, fail) => setTimeout(() => fail(new Error('the click started nothing')), 30000))"


@dataclass(frozen=True, slots=True)
class Click:
    """Something that is clicked again and again: there and back."""

    page: str
    name: str
    there: Callable[[Page], None]
    back: Callable[[Page], None]


BARE = """import streamlit as st
import time
time.sleep(0.05)  # a script that is shorter is never seen at work
st.title("Bare")
st.button("Click")
st.dataframe({"row": [1, 2, 3]}, on_select="rerun", selection_mode="single-row")
"""
BARE_COMMAND = ("-m", "streamlit", "run", "{app}", "--server.port", "{port}", "--server.headless", "true")


def _text(words: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_test_id("stMain").get_by_text(words, exact=True).first.click()


def _tab(words: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("tab", name=words).click()


def _place(words: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_test_id("stSidebarNav").get_by_role("link", name=words).click()


def _row(number: int) -> Callable[[Page], None]:
    return lambda page: page.get_by_test_id("stDataFrame").first.click(position={"x": 20, "y": 35 * number + 18})


BARE_CLICKS = (
    Click("", "a button", _text("Click"), _text("Click")),
    Click("", "a row", _row(2), _row(1)),
)
CLICKS = (
    Click("log", "Home and back by the navigation", _place("Home"), _place("Log")),
    Click("log", "Bring a log, and back to this one", _text("Bring a log"), _text("This log")),
    Click("fine-tune", "another preset", _text("Take Fast"), _text("Take Balanced")),
    Click("runs", "another run", _row(2), _row(1)),
    Click("runs", "another part of a run", _tab("Learning"), _tab("Settings")),
    Click("interest", "another list of users", _text("Rising"), _text("Fading")),
    Click("interest", "another user of the list", _row(2), _row(3)),
    Click("interest", "users and segments", _tab("Cohort"), _tab("User")),
    Click("explain", "another level", _text("Event"), _text("Category")),
    Click("explain", "another tab", _tab("Numbers and files"), _tab("How far to trust it")),
)


def main() -> None:
    """Make what is missing, then measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspace", type=Path, default=ROOT / "build" / "clicks")
    parser.add_argument("--times", type=int, default=5)
    asked = parser.parse_args()
    ws = Workspace(Settings(workspace=asked.workspace, device="cpu"))
    run = ten_runs(ws)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))),
            args=["--no-sandbox", "--disable-gpu"],
        )
        measured = {"bare": bare(ws, browser, asked.times), **of_the_app(ws, browser, run, asked.times)}
        browser.close()
    print(json.dumps(measured, indent=1))


def bare(ws: Workspace, browser: Browser, times: int) -> dict[str, dict[str, int] | None]:
    """Measure the page that holds next to nothing."""
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder) / "bare.py"
        app.write_text(BARE, encoding="utf-8")
        with served(ws.settings, [word.replace("{app}", str(app)) for word in BARE_COMMAND]) as url:
            _open(browser, url)
            return {
                "page": _told([_open(browser, url) for _ in range(times)]),
                **{one.name: _clicked(browser, url, one, times) for one in BARE_CLICKS},
            }


def of_the_app(ws: Workspace, browser: Browser, run: str, times: int) -> dict[str, dict[str, object]]:
    """Measure every page, first visits apart, and every click."""
    with served(ws.settings) as url:
        return {
            "first": {page or "home": round(_open(browser, f"{url}/{page}?run={run}")) for page in PAGES},
            "pages": {
                page or "home": _told([_open(browser, f"{url}/{page}?run={run}") for _ in range(times)])
                for page in PAGES
            },
            "clicks": {
                f"{one.page}: {one.name}": _clicked(browser, f"{url}/{one.page}?run={run}", one, times)
                for one in CLICKS
            },
        }


def ten_runs(ws: Workspace) -> str:
    """Return the newest of ten finished runs on Online Retail; makes them where they are not there.

    The runs are copies of one under other ids, their settings saying another seed.
    """
    if not ws.jobs.all():
        dataset = _recviz(ws, "ingest", str(LOG), "--map", "user=CustomerID", "--map", "item=StockCode",
                          "--where", "Quantity > 0", "--name", "Online Retail")  # fmt: skip
        _recviz(ws, "train", dataset, *QUICK, "--name", "Run 1")
    first = ws.jobs.all()[0]
    for number in range(len(ws.jobs.all()) + 1, RUNS + 1):
        copy = f"{first.preset}-copy{number:04d}"
        shutil.copytree(ws.run_folder(first.id), ws.settings.runs / copy)
        replace(ws.run_config(first.id), seed=number).write(ws.settings.runs / copy)
        ws.jobs.add(replace(first, id=copy, name=f"Run {number}", key=None))
    return first.id


def _recviz(ws: Workspace, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", "from recviz.cli import main; main()", "--workspace", str(ws.settings.workspace), *words],
        cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return done.stdout.split()[-1]


@contextmanager
def _window(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(viewport=WINDOW)
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()


def _open(browser: Browser, address: str) -> float:
    began = time.perf_counter()
    with _window(browser, address) as page:
        page.get_by_test_id("stMain").get_by_role("heading").first.wait_for(timeout=PATIENCE)
        taken = 1000 * (time.perf_counter() - began)
        settled(page)
        return taken


def _clicked(browser: Browser, address: str, one: Click, times: int) -> dict[str, int] | None:
    """Return how soon a click is answered; ``None`` where one of the clicks started nothing."""
    with _window(browser, address) as page:
        _calm(page)
        taken = []
        for turn in range(2 * (times + 1)):
            page.evaluate(f"void (window.answered = ({ANSWERED})())")  # not waited for here
            (one.back if turn % 2 else one.there)(page)
            try:
                taken.append(page.evaluate(f"Promise.race([window.answered, {NEVER}])"))
            except Error:
                return None
            _calm(page)
        ended, shown = zip(*taken[2:], strict=True)  # once there and back before it counts
        return _told(list(ended)) | {
            "shown": round(statistics.median(at or end for at, end in zip(shown, ended, strict=True)))
        }


def _calm(page: Page) -> None:
    """Wait until the words beside the Explain page are read too."""
    settled(page)
    page.wait_for_timeout(1500)
    settled(page)


def _told(taken: list[float]) -> dict[str, int]:
    return {"median": round(statistics.median(taken)), "slowest": round(max(taken))}


if __name__ == "__main__":
    main()

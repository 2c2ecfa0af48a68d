"""Takes every page of the demo workspace in both themes and both languages: ``make screenshots``.

    python -m benchmarks.screenshots [--workspace workspace] [--out docs/images] [--readme]

``--readme`` takes the four pictures that the README shows, in English and in light, and nothing else.
"""

import argparse
import shutil
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from recviz.language import CHINESE, ENGLISH, speaking, tr
from recviz.services.workspace import Workspace
from recviz.settings import Settings
from tests.browser.serving import served
from tests.browser.visiting import PATIENCE, settled, visit

WINDOW = {"width": 1440, "height": 900}
SCHEMES = ("light", "dark")
LANGUAGES = {"en": "", "zh": "&lang=zh"}


@dataclass(frozen=True, slots=True)
class Shot:
    """A page as it is shown."""

    name: str
    address: str
    """Path and further words of the address."""


SHOTS = (
    Shot("home", "?"),
    Shot("log", "log?"),
    Shot("fine-tune", "fine-tune?"),
    Shot("runs", "runs?"),
    Shot("interest", "interest?topic=tent"),
    Shot("cohort", "interest?view=Cohort"),
    Shot("explain", "explain?"),
    Shot("compare", "compare?"),
)
README = ("home", "interest", "explain", "runs")


def main() -> None:
    """Serve the workspace and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspace", type=Path, default=Path("workspace"))
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    parser.add_argument("--readme", action="store_true")
    asked = parser.parse_args()
    ws = Workspace(Settings(workspace=asked.workspace))
    ready = [job.id for job in ws.jobs.all() if job.state == "completed"]
    if not ready:
        raise SystemExit(f"{asked.workspace} holds no finished run: make demo SERVE=0 makes one")
    with served(ws.settings) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))),
            args=["--no-sandbox", "--disable-gpu"],
        )
        for scheme in SCHEMES[:1] if asked.readme else SCHEMES:
            for language in ("en",) if asked.readme else LANGUAGES:
                _take_all(browser, f"{url}/{{}}&run={ready[0]}{LANGUAGES[language]}", scheme, language, asked)
        browser.close()


def _take_all(browser: Browser, address: str, scheme: str, language: str, asked: argparse.Namespace) -> None:
    context = browser.new_context(viewport=WINDOW, color_scheme=scheme)
    page = context.new_page()
    for shot in SHOTS:
        if asked.readme and shot.name not in README:
            continue
        visit(page, address.format(shot.address))
        _at_rest(page, language)
        name = shot.name if asked.readme else f"{shot.name}-{scheme}-{language}"
        page.screenshot(path=asked.out / f"{name}.png")
        print(asked.out / f"{name}.png")
    context.close()


def _at_rest(page: Page, language: str) -> None:
    """Wait until the charts stand still and the words beside the Explain page are read."""
    with speaking(CHINESE if language == "zh" else ENGLISH):
        told = tr("Words are read of events that make {part} of all effects; the rest follow.").rpartition("{part}")[2]
    page.wait_for_timeout(1500)
    expect(page.get_by_test_id("stMain").get_by_text(told)).to_have_count(0, timeout=PATIENCE)
    settled(page)
    page.wait_for_timeout(500)


if __name__ == "__main__":
    main()

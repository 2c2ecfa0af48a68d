"""The report and the bundle: what leaves recviz to be read by somebody else."""

import json
import re
import zipfile
from html.parser import HTMLParser

import pandas as pd
import pytest

from recviz.language import CHINESE
from tests.cli.conftest import HOSTILE, WORDS


class Page(HTMLParser):
    """Collects what a browser would load, and the text that a reader sees."""

    def __init__(self, html):
        super().__init__()
        self.loads, self.scripts, self.headings, self._in = [], 0, [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self._in = tag
        self.scripts += tag == "script"
        self.loads += [
            value for name, value in attributes if name in {"src", "href", "data"} and not value.startswith("#")
        ]

    def handle_data(self, data):
        if self._in in {"h1", "h2"} and data.strip():
            self.headings.append(data.strip())


@pytest.fixture(scope="module")
def html(shop, tmp_path_factory):
    out = tmp_path_factory.mktemp("report") / "report.html"
    result = shop.call("report", shop.run, "--out", out)
    assert result.exit_code == 0, result.output
    assert [path.name for path in out.parent.iterdir()] == ["report.html"]
    return out.read_text(encoding="utf-8")


def test_a_report_needs_no_network_and_holds_the_library_once(html):
    page = Page(html)

    assert page.loads == []
    assert "default-src 'none'" in html
    assert html.count("plotly.js v") == 1


def test_a_report_tells_the_story_from_what_to_expect_to_how_it_was_made(html, shop):
    assert Page(html).headings == [
        "What the users of Shop will want", "What to expect", "Why this", "Is the model any good?", "The log",
        "How it was made",
    ]  # fmt: skip
    manifest = json.loads((shop.workspace / "datasets" / shop.dataset / "manifest.json").read_text(encoding="utf-8"))
    for fact in (shop.run, shop.dataset, manifest["source_sha256"], "torch", "<code>max_history</code></td><td>16<"):
        assert fact in html


def test_sentences_of_a_report_stand_apart(html):
    text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", "", html, flags=re.DOTALL)

    assert re.findall(r"[a-z]{3}[.!?][A-Z][a-z]", text) == []


def test_a_report_speaks_the_language_of_who_asks_for_it(html, shop, tmp_path):
    """Catches: words of the template, of a baseline or of a note that stay English; the page's language not said."""
    result = shop.call("report", shop.run, "--out", tmp_path / "r.html", "--language", CHINESE)

    assert result.exit_code == 0, result.output
    chinese = (tmp_path / "r.html").read_text(encoding="utf-8")

    assert Page(chinese).headings == [
        "Shop 的用户将会想要什么",
        "预期如何",
        "为什么是它",
        "模型好不好？",
        "日志",
        "如何得出",
    ]
    assert '<html lang="zh-CN">' in chinese
    assert '<html lang="en">' in html
    read = re.sub(r"(?s)<(script|style)\b.*?</\1>|<code>.*?</code>|<[^>]*>", " ", chinese)
    english = {one.strip() for one in re.findall(r"[A-Za-z]+(?: [a-z]+)+", read)}
    assert english <= {*WORDS, *(f"{word} number" for word in WORDS)}, "words of recviz's own, not of the log"


def test_texts_of_the_log_are_shown_and_never_run(html, shop, tmp_path):
    page = Page(html)

    shop.call("recommend", shop.run, "--top", "24", "--out", tmp_path / "all.parquet", "--keep-seen")

    assert HOSTILE not in html
    assert "<script>alert" not in html
    charts = html.count("Plotly.newPlot(")
    assert page.scripts == 1 + charts  # the library and one for each chart


def test_the_reports_numbers_are_those_of_the_exports(html, shop, tmp_path):
    shop.call("forecast", shop.run, "--out", tmp_path / "f.parquet")
    expected = pd.read_parquet(tmp_path / "f.parquet")["mean"].sum()

    said = re.search(r"All users: ([\d,]+) active days expected of (\d+) users", html)

    assert int(said[1].replace(",", "")) == round(expected)
    assert int(said[2]) == pd.read_parquet(tmp_path / "f.parquet")["user_id"].nunique()


def test_a_report_explains_the_user_that_was_asked_for(shop, tmp_path):
    result = shop.call("report", shop.run, "--out", tmp_path / "r.html", "--user", "005")
    unknown = shop.call("report", shop.run, "--out", tmp_path / "x.html", "--user", "nobody")

    assert result.exit_code == 0
    assert "What user 005 is likely to take next" in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert unknown.exit_code == 2
    assert not (tmp_path / "x.html").exists()


def test_a_log_without_times_has_a_report_without_curves(ordered, tmp_path):
    result = ordered.call("report", ordered.run, "--out", tmp_path / "r.html")

    assert result.exit_code == 0, result.output
    html = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "What to expect" not in html
    assert "Why this" in Page(html).headings
    assert "This run was not judged" in html  # everybody had every item, so no new one could be held out


@pytest.mark.parametrize("form", ["parquet", "csv", "json"])
def test_a_bundle_holds_everything_that_a_run_says(shop, tmp_path, form):
    result = shop.call("export", shop.run, "--out", tmp_path / "all.zip", "--form", form)

    archive = zipfile.ZipFile(tmp_path / "all.zip")
    about = json.loads(archive.read("all/about.json"))
    assert result.exit_code == 0, result.output
    assert set(archive.namelist()) - {"all/"} == {
        f"all/{name}" for name in (f"forecast.{form}", f"shares.{form}", f"recommendations.{form}", "evaluation.json",
                                   "about.json")
    }  # fmt: skip
    assert (about["run"], about["settings"]["width"], about["log"]["id"]) == (shop.run, 16, shop.dataset)
    assert [path.name for path in tmp_path.iterdir()] == ["all.zip"]


def test_a_bundle_does_not_overwrite_what_is_there(shop, tmp_path):
    (tmp_path / "mine").mkdir()

    result = shop.call("export", shop.run, "--out", tmp_path / "mine")

    assert result.exit_code == 2
    assert list((tmp_path / "mine").iterdir()) == []

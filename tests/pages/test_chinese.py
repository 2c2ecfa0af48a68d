"""Every page in Chinese: what can be read on it is nothing that a catalogue still has to say."""

import json
import re

import pytest

from recviz.language import CHINESE, retold, speaking
from tests.pages.ready import charts, open_page

PAGES = ("home", "log", "fine_tune", "runs", "interest", "explain", "compare")
LABELLED = (
    "button", "selectbox", "multiselect", "text_input", "number_input", "toggle", "checkbox", "radio", "expander",
    "metric", "tab", "slider", "date_input", "text_area", "button_group", "file_uploader", "download_button",
)  # fmt: skip
WRITTEN = ("title", "header", "subheader", "markdown", "caption", "text", "info", "warning", "error", "success")
MARKUP = re.compile(r":material/\w+:|:[a-z]+\[|<[^>]*>|\*\*|#{1,6} |\\|\u2060")
SAMPLE = {"event", "purchase", "view", "Home", "Time"}
"""Words of the log of these tests that the catalogues have, too."""


def _readable(app):
    """Everything on the page that somebody reads, without its marks."""
    for kind in WRITTEN:
        yield from (str(element.value) for element in app.get(kind))
    for kind in LABELLED:
        for element in app.get(kind):
            yield str(getattr(element, "label", "") or "")
            yield str(getattr(element.proto, "help", "") or "")
            yield str(getattr(element.proto, "placeholder", "") or "")
            yield from (str(option) for option in getattr(element.proto, "options", ()) if isinstance(option, str))
    for element in app.get("html"):
        yield from re.findall(r">([^<>]+)<", element.proto.body)
    for chart in charts(app):
        yield chart.alt
        yield from _texts(json.loads(chart.spec))


def _texts(part):
    """The texts in a figure's specification."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name in {"text", "name", "hovertext"}:
                yield from [value] if isinstance(value, str) else [one for one in value or () if isinstance(one, str)]
            else:
                yield from _texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from _texts(value)


def _left_in_english(app):
    found = set()
    with speaking(CHINESE):
        for text in _readable(app):
            for line in MARKUP.sub("", text).splitlines():
                words = line.strip()
                if words and words not in SAMPLE and retold(words) != words:
                    found.add(words)
    return sorted(found)


@pytest.mark.parametrize("place", PAGES)
def test_a_page_in_chinese_leaves_nothing_in_english(ready, place):
    dataset, run = ready

    app = open_page(place, dataset=dataset, run=run, lang="zh")

    assert not app.exception
    assert _left_in_english(app) == []
    assert re.search(r"[\u4e00-\u9fff]", " ".join(_readable(app)))


@pytest.mark.usefixtures("ws")
def test_an_empty_workspace_greets_in_chinese(visit):
    app = visit("home", lang="zh")

    assert _left_in_english(app) == []
    assert app.title[0].value == "每个用户未来几周想要什么？为什么？"


@pytest.mark.usefixtures("ready")
def test_an_unknown_run_is_told_in_chinese():
    app = open_page("runs", run="balanced-00000000", lang="zh")

    assert _left_in_english(app) == []
    assert "需要处理" in " ".join(_readable(app))


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(("before", "chosen", "title"), [("", "zh", "预测"), ("zh", "", "predicts")])
def test_the_language_is_switched_in_the_sidebar_and_kept_in_the_address(visit, before, chosen, title):
    app = visit("home", lang=before)
    assert title not in app.title[0].value

    app.segmented_control(key="shell_language").set_value(chosen).run()

    assert title in app.title[0].value
    assert app.query_params.get("lang", "") in (chosen, [chosen])


def test_a_language_that_there_is_not_is_english(ready):
    dataset, run = ready

    app = open_page("log", dataset=dataset, run=run, lang="tlh")

    assert "events of" in app.title[0].value


def test_two_visitors_are_spoken_to_in_their_own_languages(ready):
    # the same answers are worked out once for each language, not once for all
    dataset, run = ready

    chinese, english = (open_page("fine_tune", dataset=dataset, run=run, lang=lang) for lang in ("zh", ""))

    assert chinese.title[0].value == "用此日志微调模型"
    assert _left_in_english(chinese) == []
    assert english.title[0].value == "Fine-tune a model on this log"
    assert not re.search(r"[\u4e00-\u9fff]", " ".join(_readable(english)).replace("中文", ""))

import threading

import pytest

from recviz import language
from recviz.errors import InvalidLogError
from recviz.language import CHINESE, ENGLISH, PLACE, VAGUE, mark, retold, speaking, spoken, tr, tr_n
from recviz.plots.formats import ago, between, counted, day, day_short, duration, listed, moment
from recviz.services.background import Background
from tools import texts


def test_without_anybody_who_chooses_english_is_spoken():
    assert spoken() == ENGLISH
    assert tr("Home") == "Home"


def test_a_message_is_said_in_the_language_that_is_spoken():
    with speaking(CHINESE):
        assert tr("Home") == "首页"
        with speaking(ENGLISH):
            assert tr("Home") == "Home"


def test_what_no_catalogue_knows_is_said_in_english():
    with speaking(CHINESE):
        assert tr("Nobody ever said this") == "Nobody ever said this"
        assert tr_n("{n} unheard", "{n} unheards", 2) == "{n} unheards"


def test_who_chooses_the_language_is_asked_at_every_message(monkeypatch):
    answers = iter([CHINESE, ENGLISH])
    monkeypatch.setattr(language, "_choosers", [lambda: next(answers)])

    assert [tr("Home"), tr("Home")] == ["首页", "Home"]


def test_a_thread_does_not_speak_the_language_of_another():
    heard = []
    with speaking(CHINESE):
        thread = threading.Thread(target=lambda: heard.append(tr("Home")))
        thread.start()
        thread.join()

    assert heard == ["Home"]


def test_work_beside_a_page_speaks_the_language_of_the_page():
    def work():
        yield tr("Home")

    with speaking(CHINESE):
        beside = Background(work()).start()
    beside.wait(10)

    assert beside.latest == "首页"


@pytest.mark.parametrize(
    ("write", "english", "chinese"),
    [
        (lambda: day("2011-09-10"), "10 Sep 2011", "2011年9月10日"),
        (lambda: day_short("2011-09-10"), "10 Sep", "9月10日"),
        (lambda: moment("2011-09-10T09:41:00"), "10 Sep 2011, 09:41 UTC", "2011年9月10日 09:41 UTC"),
        (lambda: between("2011-09-10", "2011-09-11"), "10 Sep 2011 to 11 Sep 2011", "2011年9月10日 至 2011年9月11日"),
        (lambda: counted(1234, "event"), "1,234 events", "1,234 个事件"),
        (lambda: counted(3, "week"), "3 weeks", "3 周"),
        (lambda: ago("2011-09-10", "2011-09-13"), "3 days ago", "3 天前"),
        (lambda: duration(130), "2:10 min", "2 分 10 秒"),
        (lambda: listed(["甲", "乙", "丙"]), "甲, 乙 and 丙", "甲、乙、丙"),
    ],
)
def test_numbers_dates_and_lists_are_written_as_the_language_does(write, english, chinese):
    assert write() == english
    with speaking(CHINESE):
        assert write() == chinese


def test_an_error_that_was_put_together_in_english_is_retold():
    error = InvalidLogError.of("The archive holds 3 files", "shop.zip", "Unpack it first")

    with speaking(CHINESE):
        problem = error.problems[0]
        assert [retold(problem.what), retold(problem.where), retold(problem.mend)] == [
            "压缩包中有 3 个文件", "shop.zip", "请先解压",
        ]  # fmt: skip
    assert retold(problem.what) == "The archive holds 3 files"


def test_sentences_inside_a_sentence_are_retold_and_words_of_the_log_are_not():
    with speaking(CHINESE):
        assert retold("its name says so, and its cells are times") == "列名如此，且单元格是时间"
        assert retold("its name says so, and 150 different ids in 3,000 rows") == (
            "列名如此，且3,000 行中有 150 个不同的 ID"
        )
        assert retold("left out by the rule User > 0") == "被规则 User > 0 排除"
        assert retold("no item: Home is empty") == "没有物品：Home 为空"
        assert retold("log of 30 days, 13 weeks held out") == "日志共 30 天，留出 13 周"


def test_text_that_no_message_says_stays_as_it_is():
    with speaking(CHINESE):
        assert retold("{curly} <b>text</b> of a user\nin two lines") == "{curly} <b>text</b> of a user\nin two lines"
        assert retold("") == ""


def test_every_message_with_places_is_recognised_when_it_was_put_together():
    # with values that no message has; a message may be told by another one that says more of it, never be left in English
    left = []
    with speaking(CHINESE):
        for area in texts.AREAS:
            for message in texts.catalogue(area):
                if message.id and not message.context and isinstance(message.id, str) and PLACE.search(message.id):
                    fixed = PLACE.sub("", message.id)
                    sentence = PLACE.sub("77", message.id).replace("{{", "{").replace("}}", "}")
                    is_vague = PLACE.match(message.id) and sum(map(str.isalpha, fixed)) <= VAGUE
                    is_said = texts.text_of(message) and any(map(str.isalpha, fixed)) and not is_vague
                    if is_said and retold(sentence) == sentence and texts.text_of(message) != message.id:
                        left.append(message.id)

    assert left == []


def test_marked_words_stay_english_where_they_are_marked():
    with speaking(CHINESE):
        assert mark("Home") == "Home"


def test_the_messages_of_a_file_are_found(tmp_path):
    page = tmp_path / "page.py"
    page.write_text(
        'LABEL = mark("A label")\n'
        'tr("Week {week}").format(week=3)\n'
        'tr_n("{n} run", "{n} runs", n)\n'
        'tr_p("verb", "Open")\n'
        'counted(n, "event")\n'
        'counted(n, "category", "categories")\n'
        'raise InvalidLogError.of(f"{facts.rows:,} rows of {name!r}", name, "Mend" if one else "Mend all")\n'
        'field(metadata={"help": "A setting."})\n'
        "tr(words)\n"
    )

    found = {(said.context, said.one, said.many) for said in texts.messages_of(page)}

    assert found == {
        (None, "A label", None), (None, "Week {week}", None), (None, "{n} run", "{n} runs"), ("verb", "Open", None),
        ("counted", "event", "events"), ("counted", "category", "categories"),
        (None, "{rows} rows of {name}", None), (None, "Mend", None), (None, "Mend all", None), (None, "A setting.", None),
    }  # fmt: skip


@pytest.mark.parametrize("sentence", ["latest", "Nobody was left", "Second look is 7th"])
def test_a_few_letters_after_a_value_do_not_claim_a_sentence_that_they_do_not_say(sentence):
    with speaking(CHINESE):
        assert retold(sentence) == sentence

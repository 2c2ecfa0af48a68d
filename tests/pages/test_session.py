"""The view is kept across pages and in the address, and what depends on an old choice goes with it."""

import pytest
from streamlit.testing.v1 import AppTest


def _page():
    import streamlit as st  # noqa: PLC0415 - this function is the script

    from recviz.ui.session import address, adopt_address, choose  # noqa: PLC0415 - a script of AppTest stands alone

    view = adopt_address()
    st.json({"dataset": view.dataset, "run": view.run, "user": view.user, "origin": view.origin})
    st.button("another log", on_click=choose, kwargs={"dataset": "second"})
    st.button("another run", on_click=choose, kwargs={"run": "newer"})
    st.text(repr(sorted(address().items())))


@pytest.fixture
def app():
    made = AppTest.from_function(_page)
    made.query_params.update({"dataset": "first", "run": "older", "user": "17841", "origin": "now"})
    return made.run()


def test_an_address_is_the_view(app):
    assert app.text[0].value == repr([("dataset", "first"), ("origin", "now"), ("run", "older"), ("user", "17841")])


def test_another_log_drops_the_run_and_the_user_of_the_old_one(app):
    app.button[0].click().run()

    assert app.text[0].value == repr([("dataset", "second"), ("origin", "now")])
    assert app.query_params["dataset"] == "second"
    assert "user" not in app.query_params


def test_another_run_keeps_the_user(app):
    app.button[1].click().run()

    assert app.query_params["run"] == "newer"
    assert app.query_params["user"] == "17841"


def test_a_page_without_an_address_gets_it_back_from_what_was_chosen(app):
    app.query_params.clear()

    app.run()

    assert app.query_params["run"] == "older"


@pytest.mark.parametrize("origin", ["yesterday", "-1", "<script>alert(1)</script>", "x" * 400_000])
def test_an_origin_that_there_is_not_is_the_default_one(origin):
    app = AppTest.from_function(_page)
    app.query_params["origin"] = origin

    app.run()

    assert not app.exception
    assert "origin" not in app.query_params


def test_a_run_of_another_log_is_not_shown_under_the_old_log(app):
    app.query_params.clear()
    app.query_params["run"] = "foreign"

    app.run()

    assert app.text[0].value == repr([("origin", "now"), ("run", "foreign"), ("user", "17841")])


def _choices():
    import streamlit as st  # noqa: PLC0415 - this function is the script

    from recviz.ui.session import adopt_address, choose_from, session  # noqa: PLC0415 - see above

    adopt_address()
    for sent in ("b (learning)", "b"):
        st.session_state[sent] = sent
        st.button(sent, on_click=choose_from, args=(sent, "run", ("a", "b")))
    st.text(session().run)


def test_a_label_that_a_changed_state_has_made_an_old_one_is_no_choice():
    app = AppTest.from_function(_choices)
    app.query_params["run"] = "a"
    app.run()

    app.button[0].click().run()
    assert app.text[0].value == "a"
    app.button[1].click().run()
    assert app.text[0].value == "b"

import ast
import re

import pytest

from tools import texts

SPOKEN_FROM = ("app.py", "pages/*.py", "recviz/ui/*.py", "recviz/plots/*.py")
TEMPLATES = sorted((texts.ROOT / "recviz/services/templates").glob("*.j2"))
SAID = {*texts.KEYWORDS, "Problem", "InvalidSettingError"}
DRAWN = {
    "badge", "button", "caption", "download_button", "error", "expander", "header", "info", "link_button", "markdown",
    "metric", "page_link", "popover", "progress", "spinner", "status", "subheader", "success", "text", "title", "toast",
    "warning", "write", "checkbox", "toggle", "radio", "selectbox", "multiselect", "slider", "segmented_control",
    "pills", "text_input", "number_input", "text_area", "date_input", "file_uploader", "dialog",
}  # fmt: skip
"""Methods of Streamlit whose first argument is read."""
READ = {"label", "help", "placeholder", "title", "alt", "title_text", "caption"}
"""Keyword arguments that are read."""
NOT_WORDS = re.compile(
    r"<![^>]*>|:material/[\w\0]+:|pages/\w+\.py|:[a-z]+\[|</?[a-z][^>]*>|<[a-z][^<]*$|^[^<>]*>|&\w+;|%\{[^}]*\}|`[^`]*`|#[0-9a-fA-F]{3,8}"
)
"""Icons, pages, colours, HTML, places of plotly, code: what of a text is no language."""
NAMES = {"recviz", "LoRA", "MiniLM", "CSV", "JSON", "HTML", "GPU", "CPU", "PNG", "Parquet", "English"}
"""The same in every language."""
TYPED = {"cap Quantity above 1000", "InvoiceNo starts with C means return", "\0 < 0 means return", "\0 > 0"}
"""Examples of rules, which are typed like this whatever language the page is in."""
PROSE = re.compile(r"[A-Za-z]{2,},? [a-z]{2,}")


def _files():
    return sorted({path for pattern in SPOKEN_FROM for path in texts.ROOT.glob(pattern)})


def _parents(tree):
    return {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}


def _fixed(node):
    """The words of a literal, with a sign where values go; nothing for other expressions."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "\0" for part in node.values)
    return ""


def _is_said(node, parents):
    while (above := parents.get(node)) is not None:
        if isinstance(above, ast.Call) and node is not above.func and _says(above):
            return True
        node = above
    return False


def _says(call):
    return texts.called(call) in SAID or texts.makes_problem(call)


def _is_identity(node, parents):
    """Whether a literal tells things apart in the code: a key, a side of a comparison, a member of a ``Literal``."""
    above = parents.get(node)
    if isinstance(above, ast.Dict):
        return node in above.keys
    if isinstance(above, ast.Tuple | ast.Set | ast.List):
        return _is_identity(above, parents)
    return isinstance(above, ast.Compare | ast.Subscript | ast.MatchValue)


def _is_read(node, parents):
    """Whether a literal is given to Streamlit, or to a chart, as something to read."""
    above = parents.get(node)
    if isinstance(above, ast.IfExp):
        return _is_read(above, parents)
    if isinstance(above, ast.keyword):
        return above.arg in READ
    drawn = isinstance(above, ast.Call) and isinstance(above.func, ast.Attribute) and above.func.attr in DRAWN
    return drawn and node in above.args[:1]


def _words(text):
    bare = NOT_WORDS.sub(" ", text)
    return [word for word in re.findall(r"[A-Za-z]{2,}", bare) if word not in NAMES]


def untranslated(path, source=None):
    """Literals of a file that somebody reads and that no catalogue knows."""
    tree = ast.parse(path.read_text(encoding="utf-8") if source is None else source)
    parents = _parents(tree)
    found = []
    for node in ast.walk(tree):
        text = _fixed(node)
        if (
            not text
            or text in TYPED
            or isinstance(parents.get(node), ast.JoinedStr | ast.Expr)
            or _is_identity(node, parents)
        ):
            continue  # a part of an f-string, a docstring
        is_prose = bool(PROSE.search(NOT_WORDS.sub(" ", text))) and not _is_style(text)
        if (is_prose or (_is_read(node, parents) and _words(text))) and not _is_said(node, parents):
            found.append(f"{path.name}:{node.lineno}: {text.replace(chr(0), '{}')[:70]}")
    return found


def _is_style(text):
    return (
        bool(re.search(r"[a-z-]+:[^ ;]+( [^;]*)?;|font-|border|px|rem\b", text))
        or "://" in text
        or "sans-serif" in text
    )


@pytest.mark.parametrize("path", _files(), ids=lambda path: path.relative_to(texts.ROOT).as_posix())
def test_what_a_page_or_figure_says_goes_through_the_catalogues(path):
    assert untranslated(path) == []


@pytest.mark.parametrize(
    "source",
    [
        'st.button("Start")',
        'st.caption(f"{n} left")',
        'st.selectbox(tr("Log"), logs, help="Pick one")',
        'LABELS = {"a": "How much of it learns"}',
        'figure(title="Loss")',
        'st.button(tr("Start") if ready else "Wait")',
    ],
)
def test_an_english_literal_is_found(source):
    assert untranslated(texts.ROOT / "page.py", source)


@pytest.mark.parametrize(
    "source",
    [
        'st.button(tr("Start"), key="start_button")',
        'st.markdown(f":material/info: {tr(words)}")',
        "st.html(f'<div style=\"color:red\">{value}</div>')",
        'LABELS = {"may lapse": mark("How much of it learns")}',
        'is_here = name in ("may lapse", "most active")',
        '"""What a module is for."""',
        'st.markdown("`recviz train`")',
    ],
)
def test_what_is_translated_or_no_language_is_passed_over(source):
    assert untranslated(texts.ROOT / "page.py", source) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_says_its_words_through_the_catalogues(path):
    """Catches: English words of the report between the tags."""
    said = path.read_text(encoding="utf-8")
    for hidden in (r"(?s)<style>.*?</style>", r"(?s)\{%.*?%\}", r"(?s)\{\{.*?\}\}", r"(?s)<[^>]*>"):
        said = re.sub(hidden, " ", said)

    assert re.findall(r"[A-Za-z]+", said) == []

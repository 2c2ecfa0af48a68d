import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MOST_PAGE_LINES = 80
MOST_MODULE_LINES = 350
MOST_BYTES = 1_000_000
MOST_PICTURE_BYTES = 250_000


def tracked(*patterns):
    listed = subprocess.run(
        ["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    if not listed:
        pytest.skip("not a git checkout, or nothing of this kind in it")
    return [ROOT / line for line in listed if (ROOT / line).is_file()]


def test_pages_only_compose():
    longest = {page.name: len(page.read_text(encoding="utf-8").splitlines()) for page in tracked("pages/*.py")}

    assert {name: lines for name, lines in longest.items() if lines >= MOST_PAGE_LINES} == {}


def test_pages_hold_no_logic_of_their_own():
    wrong = [
        f"{page.name}: {type(node).__name__}"
        for page in tracked("pages/*.py")
        for node in ast.walk(ast.parse(page.read_text(encoding="utf-8")))
        if isinstance(node, ast.Try | ast.ClassDef | ast.While)
    ]

    assert wrong == []


def test_a_module_is_short_enough_to_be_one_thing():
    lines = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
             for path in tracked("recviz/*.py", "app.py")}  # fmt: skip

    assert {name: count for name, count in lines.items() if count > MOST_MODULE_LINES} == {}


def test_no_module_is_a_drawer_for_everything():
    assert [path for path in tracked("*.py") if path.stem in {"utils", "util", "helpers", "misc", "common"}] == []


def test_no_file_is_large():
    sizes = {str(path.relative_to(ROOT)): path.stat().st_size for path in tracked()}

    assert {name: size for name, size in sizes.items() if size > MOST_BYTES} == {}
    assert {name: size for name, size in sizes.items() if name.endswith(".png") and size > MOST_PICTURE_BYTES} == {}


def test_no_file_names_a_package_registry_or_a_place_on_this_machine():
    # put together here, so that this file does not name what it looks for
    hosts = ["py" + "pi.org", "python" + "hosted", "npm" + "js.org", "debian" + ".org/debian", "download." + "pytorch"]
    places = [re.escape(f"/{name}/") for name in ("work", "root", "farm")]
    forbidden = re.compile("|".join([*map(re.escape, hosts), *(rf"(?<![\\w./-]){place}" for place in places)]))

    found = {
        str(path.relative_to(ROOT)): match[0]
        for path in tracked()
        if path.suffix not in {".png", ".gz", ".parquet"}
        and (match := forbidden.search(path.read_text(encoding="utf-8", errors="replace")))
    }

    assert found == {}


def test_nothing_is_pickled_or_left_unfinished():
    marks = re.compile(
        r"\b(?:import pickle|pickle\.loads?|torch\.load|raise NotImplementedError|TODO|FIXME|XXX)\b|except Exception|except:"
    )

    found = {
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked("recviz/*.py", "app.py", "pages/*.py", "benchmarks/*.py")
        if (match := marks.search(path.read_text(encoding="utf-8")))
    }

    assert found == set()


def test_every_package_has_its_tests():
    packages = {path.parent.name for path in tracked("recviz/*/__init__.py") if path.parent.parent.name == "recviz"}
    tested = {path.parent.name for path in tracked("tests/*/test_*.py")}

    assert packages - tested == {"ui"}  # whose tests are those of the pages


def test_streamlit_is_imported_by_the_app_its_pages_and_ui_alone():
    importing = {
        str(path.relative_to(ROOT / "recviz"))
        for path in tracked("recviz/*.py")
        if re.search(r"^\s*(?:import|from) streamlit\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }

    assert {name for name in importing if not name.startswith("ui/")} == set()

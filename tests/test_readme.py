import re
from pathlib import Path

import pytest
from typer.main import get_command

from recviz.cli.commands import program
from recviz.cli.settings import with_settings

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands():
    return {name for info in program.registered_commands if (name := info.name or info.callback.__name__)} | {
        group.name for group in program.registered_groups
    }


def code_blocks(language):
    return "\n".join(re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL))


def test_the_settings_table_says_what_the_code_says():
    assert with_settings(README) == README, "run: recviz settings --into README.md"


def test_every_recviz_command_of_the_readme_exists_with_its_options():
    lines = [
        line.split("#")[0] for line in code_blocks("bash").splitlines() if re.match(r"([A-Z_]+=\S+ )?recviz ", line)
    ]

    called = {line.split("recviz ")[1].split()[0] for line in lines}

    assert lines
    assert called <= commands()


def test_the_readme_shows_every_command_that_the_issue_asks_for():
    wanted = {"ingest", "datasets", "train", "runs", "cancel", "evaluate", "forecast", "shares", "recommend",
              "explain", "report", "export"}  # fmt: skip

    assert {name for name in wanted if f"recviz {name}" in code_blocks("bash")} == wanted
    assert wanted <= commands()


def test_every_make_target_of_the_readme_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    named = set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE))

    assert {"demo", "app", "test", "bench"} <= named <= targets


@pytest.mark.parametrize("document", ["README.md", "docs/architecture.md", "benchmarks/README.md"])
def test_every_link_of_a_document_leads_somewhere(document):
    path = ROOT / document
    links = re.findall(r"(?<!!)\[[^]]+\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))

    missing = [link for link in links if not (path.parent / link).exists()]

    assert missing == []


def test_every_option_that_the_readme_passes_is_one_of_its_command():
    tree = get_command(program)
    wrong = []
    for line in code_blocks("bash").splitlines():
        match = re.match(r"(?:[A-Z_]+=\S+ )?recviz (\w+) ?(.*)", line.split("#")[0])
        if match:
            known = {option for parameter in tree.commands[match[1]].params for option in parameter.opts}
            wrong += [f"{match[1]} {option}" for option in re.findall(r"--[a-z-]+", match[2]) if option not in known]

    assert wrong == []


def test_every_picture_of_the_readme_is_there():
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README)

    assert pictures
    assert [picture for picture in pictures if not (ROOT / picture).is_file()] == []

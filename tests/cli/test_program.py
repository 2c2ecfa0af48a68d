import subprocess
import sys

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from recviz.cli.commands import program
from recviz.cli.program import pairs
from recviz.cli.settings import settings_markdown, with_settings
from recviz.errors import InvalidSettingError, NotFoundError
from tests.cli.conftest import call

COMMANDS = sorted(get_command(program).commands)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_an_example_of_itself(command):
    result = CliRunner().invoke(program, [command, "--help"])

    assert result.exit_code == 0
    assert f"Example: recviz {command}" in result.stdout


def test_help_comes_without_waiting_for_torch():
    code = "import sys; from recviz.cli import main; sys.exit(any(n in sys.modules for n in ('torch', 'captum', 'plotly')))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_all_problems_are_told_at_once_and_the_exit_code_is_2(monkeypatch):
    problems = [
        *NotFoundError.of("first thing", "here", "Do this").problems,
        *NotFoundError.of("[b]x[/b]", "y", "z").problems,
    ]

    def fail(_folder):
        raise NotFoundError(problems)

    monkeypatch.setattr("recviz.cli.settings.with_settings", fail)
    result = CliRunner().invoke(program, ["settings", "--into", __file__])

    assert result.exit_code == 2
    assert "first thing\n  where: here\n  next:  Do this\n[b]x[/b]\n" in result.stderr


def test_an_unexpected_error_is_not_hidden(monkeypatch):
    def fail():
        raise ZeroDivisionError

    monkeypatch.setattr("recviz.cli.settings.settings_markdown", fail)

    with pytest.raises(ZeroDivisionError):
        CliRunner().invoke(program, ["settings"], catch_exceptions=False)


@pytest.mark.parametrize("texts", [["a"], ["=1"], ["a=1", " a =2"]])
def test_what_is_not_key_and_value_once_is_refused(texts):
    with pytest.raises(InvalidSettingError, match="--set"):
        pairs(texts, "--set")


def test_a_value_may_hold_an_equals_sign():
    assert pairs(["name=a=b", "empty="], "--set") == {"name": "a=b", "empty": ""}


def test_a_wrong_variable_is_told_with_its_name(monkeypatch, tmp_path):
    monkeypatch.setenv("RECVIZ_THREADS", "lots")

    result = call(tmp_path, "runs")

    assert result.exit_code == 2
    assert "RECVIZ_THREADS" in result.stderr


def test_the_settings_table_has_every_setting_and_needs_its_place():
    assert "| `RECVIZ_WORKSPACE` |" in settings_markdown()
    assert "| `passes` | `16` |" in settings_markdown()
    with pytest.raises(InvalidSettingError, match="no place"):
        with_settings("# A file without marks")

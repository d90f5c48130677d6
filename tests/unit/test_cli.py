"""The program ``chat``: it says what there is, and what it did not understand."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatapp import __version__, cli


def said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[object, str, str]:
    """The exit code, and what stood on stdout and stderr."""
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    output = capsys.readouterr()
    return end.value.code, output.out, output.err


def test_every_subcommand_is_a_module_and_is_listed() -> None:
    modules = {path.stem for path in Path(cli.__file__).parent.glob("*.py")}

    assert modules - {"__init__"} == cli.SUBCOMMANDS.keys()


def test_help_says_what_there_is_and_where_data_lies(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(["--help"], capsys)

    assert code == 0
    for name, meaning in cli.SUBCOMMANDS.items():
        assert f"{name} " in out
        assert meaning in out
    assert "instance/ of the current\nfolder" in out
    assert "Exit codes: 0 " in out


@pytest.mark.parametrize("command", sorted(cli.SUBCOMMANDS.keys() - {"node"}))  # which patches the world
def test_help_of_a_subcommand_is_its_own(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said([command, "--help"], capsys)

    assert code == 0
    assert out.startswith(f"usage: python -m chatapp {command} ")
    assert len(out.splitlines()) > 5


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["admin"], "invalid choice: 'admin'"),
        (["backup"], "the following arguments are required: FILE"),
        (["run", "fast"], "unrecognized arguments: fast"),
        (["terminal", "http://127.0.0.1/chat/lobby"], "one of the arguments --name --token is required"),
    ],
)
def test_what_is_not_understood_is_said_and_ends_with_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = said(arguments, capsys)

    assert (code, out) == (2, "")
    assert sentence in err


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(["--version"], capsys) == (0, f"chatapp {__version__}\n", "")

"""docs/settings.md says what the declaration says."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatapp.settings import VARIABLES, Variable

DOCUMENT = (Path(__file__).parents[2] / "docs" / "settings.md").read_text()


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_every_setting_is_documented_with_its_default_and_meaning(variable: Variable) -> None:
    default = f"`{variable.default}`" if variable.default else ""

    assert f"| `{variable.name}` | {default} | {variable.meaning} |" in DOCUMENT


def test_no_setting_is_documented_that_does_not_exist() -> None:
    rows = [line for line in DOCUMENT.splitlines() if line.startswith("| `")]

    assert len(rows) == len(VARIABLES)

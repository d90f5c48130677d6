"""The architecture names the folders there are, in the order of imports; the glossary has each word once."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = ("bench", "cluster", "faults")
CHAT = ROOT / "chatapp"
WITH_FOLDERS = ("gateway", "store", "runtime")
TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]


def listed() -> list[str]:
    """What the first column names, with the folder that a row begins with, or lies in: `chatapp/identity`."""
    page = (ROOT / "docs" / "architecture.md").read_text()
    [table] = re.findall(r"## The folders\n.*?\n\n(\|.*?)\n\n", page, re.DOTALL)
    names: list[str] = []
    parent = ""
    for row in table.splitlines()[2:]:
        folder = parent if row.startswith("| · ") else ""
        for name in re.findall(r"`([^`]+)`", row.split(" | ")[0]):
            parent = parent if folder else name
            folder = folder or "".join(name.partition("/")[:2] if name.startswith("chatapp/") else "")
            names.append(folder + name.removeprefix(folder).removesuffix("/"))
    return names


def layers(**contract: Any) -> dict[str, int]:
    """The place of each module in the one contract of these words."""
    [found] = [each for each in TOOLS["importlinter"]["contracts"] if contract.items() <= each.items()]
    of_layers = [re.findall(r"\w+", layer) for layer in found["layers"]]
    return {module: place for place, modules in enumerate(of_layers) for module in modules}


def modules_of(folder: Path) -> set[str]:
    packages = {path.parent.name for path in folder.glob("*/__init__.py")}
    return packages | {path.name for path in folder.glob("*.py") if path.name != "__init__.py"}


def test_the_list_names_every_folder_and_module_once() -> None:
    programs = {"app.py", "celery_worker.py", *PROGRAMS}
    inside = {f"chatapp/{folder}/{name}" for folder in WITH_FOLDERS for name in modules_of(CHAT / folder)}

    assert sorted(listed()) == sorted(programs | {f"chatapp/{name}" for name in modules_of(CHAT)} | inside)


@pytest.mark.parametrize(
    ("contract", "folder"),
    [
        ({"name": "The programs beside the chat stand on each other, and it on none of them"}, ""),
        ({"containers": ["chatapp"], "exhaustive": True}, "chatapp/"),
        *(
            ({"containers": [f"chatapp.{folder}"], "exhaustive": True}, f"chatapp/{folder}/")
            for folder in WITH_FOLDERS
        ),
    ],
    ids=["programs", "chatapp", *WITH_FOLDERS],
)
def test_the_list_has_the_order_of_the_imports(contract: dict[str, Any], folder: str) -> None:
    place = layers(**contract)
    inside = [name.removeprefix(folder).removesuffix(".py") for name in listed() if name.startswith(folder)]
    ordered = [name for name in inside if name in place]

    assert ordered
    assert ordered == sorted(ordered, key=place.__getitem__)


def test_the_glossary_has_each_word_once() -> None:
    rows = re.findall(r"^\| \*\*(.+?)\*\* \|", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE)
    words = [word for row in rows for word in row.split(", ")]

    assert len(words) > 100
    assert sorted(words) == sorted(set(words))

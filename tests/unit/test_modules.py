"""Which scripts a page needs: all of them, each once, what is needed first at the front."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatapp.web.modules import modules_of

STATIC = Path(__file__).parents[2] / "static"


@pytest.fixture
def static(tmp_path: Path) -> Path:
    files = {
        "page/a.js": "import { b } from './b.js';\nimport {\n  c,\n  d,\n} from '../lib/c.js';\n",
        "page/b.js": "/** @type {import('./t').T} */\nimport { c } from '../lib/c.js';\n",
        "lib/c.js": "export { d } from './d.js';\nimport './a-name.js';\nconst s = 'from ./no.js';\n",
        "lib/d.js": "import { c } from './c.js';\nawait import('./no.js');\n",
        "lib/a-name.js": "",
        "page/later.js": "import { b } from './b.js';\nimport { e } from './e.js';\n",
        "page/e.js": "",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_all_that_is_imported_each_once_the_nearest_first(static: Path) -> None:
    assert modules_of(static, "page/a.js") == [
        "page/a.js",
        "page/b.js",
        "lib/c.js",
        "lib/d.js",
        "lib/a-name.js",
    ]


def test_what_a_later_entry_adds_comes_behind(static: Path) -> None:
    first = modules_of(static, "page/a.js")

    assert modules_of(static, "page/a.js", "page/later.js") == [*first, "page/later.js", "page/e.js"]


def test_a_stranger_waits_for_little_more_than_the_dialog() -> None:
    needed = modules_of(STATIC, "js/page/who.js")

    assert "js/page/identity/name-dialog.js" in needed
    assert len(needed) <= 12  # a browser asks for six at a time

"""Where the files lie that are no code: templates, and what pages are made of.

An installed package has them inside. In a checkout they stand beside it, where people look for them.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
IS_INSTALLED = (_PACKAGE / "templates").is_dir()

_HOME = _PACKAGE if IS_INSTALLED else _PACKAGE.parent
TEMPLATES = _HOME / "templates"
STATIC = _HOME / "static"

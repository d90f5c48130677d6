"""The browser that the end-to-end tests drive: the one that is installed, not one of their own."""

from __future__ import annotations

import os
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The path of Chromium; a test that asks for it is skipped, with a sentence, where there is none."""
    named = os.environ.get("CHROMIUM")
    if named:
        # Somebody meant this one: that it is missing is a failure, not a reason to skip.
        assert shutil.which(named), f"CHROMIUM names {named!r}, which cannot be run"
        return named
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium found: install one or name it with CHROMIUM=/path/to/it")
    return found

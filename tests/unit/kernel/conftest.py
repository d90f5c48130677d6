"""What the kernel's tests share."""

from __future__ import annotations

import pytest

from tests.unit.kernel.world import OneNode


@pytest.fixture
def world() -> OneNode:
    return OneNode()

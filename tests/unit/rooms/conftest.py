from __future__ import annotations

import pytest

from tests.unit.rooms.house import House


@pytest.fixture
def house() -> House:
    return House()

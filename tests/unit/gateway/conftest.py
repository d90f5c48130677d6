"""What the edge's tests share."""

from __future__ import annotations

import pytest

from tests.unit.gateway.edge import Edge


@pytest.fixture
def edge() -> Edge:
    return Edge()

"""The fixtures of tests that start real nodes; a folder's conftest.py takes them in by importing them."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest

from tests.running import Nodes


@pytest.fixture(scope="session")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Nodes:
    return Nodes(lambda: tmp_path_factory.mktemp("node"))


@pytest.fixture(autouse=True)
def no_complaints(nodes: Nodes) -> Iterator[None]:
    """No node may have printed a traceback or an error while the test ran."""
    yield
    complaints = nodes.new_complaints()
    assert not complaints, complaints


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    nodes = item.funcargs.get("nodes")
    if report.failed and isinstance(nodes, Nodes):
        report.sections += [(f"what {name} printed", output) for name, output in nodes.outputs()]
    return report

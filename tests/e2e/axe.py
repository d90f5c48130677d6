"""axe-core in a page of ours: what it finds against WCAG 2.2 AA and its own best practices."""

from __future__ import annotations

from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.running import ROOT

SOURCE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# One line for each element, as axe explains it.
_RUN = """async only => {
  const rules = only.type === 'tag' ? { 'target-size': { enabled: true } } : {};
  const options = { runOnly: only, rules, resultTypes: ['violations'] };
  const { violations } = await axe.run(document, options);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`));
}"""


def findings(page: Page) -> list[str]:
    """Everything that is wrong with the page as it looks now."""
    return _run(page, {"type": "tag", "values": TAGS})


def pale_texts(page: Page) -> list[str]:
    """What is wrong with the colours alone."""
    return _run(page, {"type": "rule", "values": ["color-contrast"]})


def _run(page: Page, only: dict[str, Any]) -> list[str]:
    """Injected by the debugger, which the Content-Security-Policy of the page does not bind."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    found: list[str] = page.evaluate(_RUN, only)
    return found


@cache
def _source() -> str:
    return SOURCE.read_text()

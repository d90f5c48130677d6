"""axe-core in a page of ours: what it finds against WCAG 2.2 AA and its own best practices."""

from __future__ import annotations

from functools import cache

from playwright.sync_api import Page

from tests.running import ROOT

SOURCE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# One line for each element, as axe explains it.
_RUN = """async tags => {
  const options = { runOnly: tags, rules: { 'target-size': { enabled: true } }, resultTypes: ['violations'] };
  const { violations } = await axe.run(document, options);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`));
}"""


def findings(page: Page) -> list[str]:
    """Injected by the debugger, which the Content-Security-Policy of the page does not bind."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    found: list[str] = page.evaluate(_RUN, TAGS)
    return found


@cache
def _source() -> str:
    return SOURCE.read_text()

"""A browser that tests have one after the other: each finds it as if nobody had used it, but warm.

What it has compiled and its copies of files stay. Without them a test that looks at one page takes a
fifth more of the processor.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import BrowserContext, Page

# Whatever a page can keep, but for cookies.
_KEPT = "local_storage,indexeddb,cache_storage,service_workers,file_systems"


class LentBrowser:
    """A context whose first page stays, so that there is a process for all that come after it."""

    def __init__(self, context: BrowserContext, looks: dict[str, Any]) -> None:
        self.context = context
        self.looks = looks
        self._stays = context.new_page()

    @contextmanager
    def lent(self, site: str) -> Iterator[Page]:
        """An empty page. Opened by one of the same site: others get a process of their own."""
        if not self._stays.url.startswith(site):
            self._stays.goto(f"{site}/docs")
        with self._stays.expect_popup() as opened:
            self._stays.evaluate("() => { open('about:blank'); }")
        yield opened.value
        self._forget(opened.value.url)

    def _forget(self, url: str) -> None:
        """Tabs, what the site has kept, and what a test has done to all pages."""
        for page in self.context.pages:
            if page is not self._stays:
                page.close()
        self.context.set_offline(False)
        self.context.clear_cookies()
        site = self.context.new_cdp_session(self._stays)
        site.send("Storage.clearDataForOrigin", {"origin": url, "storageTypes": _KEPT})
        site.detach()

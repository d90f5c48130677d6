"""The only wiring: who fulfils which port of a web node.

core      what both edges stand on         others    the other nodes, where there are any
limits    what bounds the node             files, uploads, upkeep  what people send, where it is switched on
edges     sockets, pages and REST          gauges    what a scrape finds
web_node  create_app, and a node's start and stop

Everything is made here, once, and handed what it needs; nothing below reads a setting or
reaches for a global.
"""

from chatapp.factory.core import find_page_files
from chatapp.factory.files import check_files, claim_place
from chatapp.factory.web_node import WebNode, create_app

__all__ = ["WebNode", "check_files", "claim_place", "create_app", "find_page_files"]

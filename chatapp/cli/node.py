"""A web node. Importing this patches the world: only a node's program does."""

# ruff: noqa: E402 - the world is patched before anything of it is imported
import os
import warnings

os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
warnings.filterwarnings("ignore", r"\s*Eventlet is deprecated")  # known; the reasons are in docs/decisions
import eventlet

from chatapp.output import never_wait_for_readers  # its threads are real ones

eventlet.monkey_patch()

import argparse
import errno
import sys
from collections.abc import Sequence

from chatapp import places
from chatapp.errors import StorageFull
from chatapp.factory import check_files, claim_place, create_app, find_page_files
from chatapp.files.place import PlaceTaken
from chatapp.logs import configure_logs, name_node
from chatapp.private import create_privately
from chatapp.runtime import AcceptingEnded, CannotListen, on_signals, raise_open_files, use_our_hub
from chatapp.settings import VARIABLES, Settings, SettingsError
from chatapp.store.migrations import DatabaseUnusable, upgrade
from chatapp.store.nodes.proof import SecondNodeRefused
from chatapp.web.own_address import own_address


def main(arguments: Sequence[str], prog: str) -> int:
    """Run until SIGTERM or Ctrl-C. Returns the exit code: 0, or 1 with a sentence on stderr."""
    _parse(arguments, prog)
    create_privately()
    never_wait_for_readers()
    use_our_hub()
    raise_open_files()
    try:
        settings = Settings.from_environment()
        configure_logs(settings.log_level)
        serve(settings)
    except (
        SettingsError,
        DatabaseUnusable,
        PlaceTaken,
        CannotListen,
        SecondNodeRefused,
        AcceptingEnded,
    ) as error:
        print(error, file=sys.stderr)
        return 1
    except (OSError, StorageFull) as error:
        if isinstance(error, OSError) and error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        print("The disk is full: make room where the chat's data lies, then start again.", file=sys.stderr)
        return 1
    return 0


def serve(settings: Settings) -> None:
    """Run a node that is registered and ready, until it is asked to stop or nobody can come in any more."""
    find_page_files(settings)  # who cannot start leaves the database to the version that runs
    check_files(settings)
    upgrade(settings.database_url)
    claim_place(settings)
    web_node = create_app(settings)
    name_node(lambda: web_node.node.node_id)
    server = web_node.listen()
    web_node.start()

    def stop() -> None:
        server.stop_receiving()  # while there is somebody who can store what has come
        web_node.stop()
        server.stop()

    on_signals(stop)
    _announce(settings.host, server.port)
    try:
        server.run()
    except AcceptingEnded:
        web_node.stop()  # whoever is here goes to another node, or comes back to this one
        raise


def _announce(host: str, port: int) -> None:
    print(f"The chat is open: http://{_shown(host)}:{port}", flush=True)
    if host in ("127.0.0.1", "localhost", "::1"):
        start = "chat run" if places.IS_INSTALLED else "make run"
        print(f"For others on your network: HOST=0.0.0.0 {start}", flush=True)


def _shown(host: str) -> str:
    if host not in ("0.0.0.0", "::"):
        return f"[{host}]" if ":" in host else host
    return own_address() or "localhost"


def _parse(arguments: Sequence[str], prog: str) -> None:
    settings = "\n".join(f"  {v.name:<28}{v.meaning}" for v in VARIABLES)
    argparse.ArgumentParser(
        prog=prog,
        description="A web node of the chat: pages, sockets and the rooms it owns.",
        epilog=f"Settings, from the environment:\n{settings}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args(arguments)

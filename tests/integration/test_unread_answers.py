"""Those who ask and never read: what they cost, and for how long they may."""

from __future__ import annotations

import json
from contextlib import ExitStack, suppress
from typing import Any

from tests.integration.transport_node import started
from tests.integration.wire import Wire

MIB = 2**20
PAGE = 512 * 1024


def asks_and_does_not_read(stack: ExitStack, port: int, pages: int) -> Wire:
    wire = stack.enter_context(Wire(port, receive_buffer=4_096))
    wire.join_chat()
    with suppress(ConnectionError):  # it may be cut while it still asks
        for _ in range(pages):
            wire.emit("page", PAGE, ack_id=1)
    return wire


def test_a_page_that_nobody_reads_is_counted_and_not_hidden_in_the_systems_buffers() -> None:
    with started() as node, ExitStack() as stack:
        asks_and_does_not_read(stack, node.port, 1)

        node.until(lambda stats: stats["held_together"] >= PAGE // 4)


def test_nothing_more_is_read_from_one_that_does_not_take_its_answers() -> None:
    """What it asks behind that is answered later, in its order, and nothing is lost."""
    with started() as node, ExitStack() as stack:
        slow = asks_and_does_not_read(stack, node.port, 7)
        for number in range(30):
            slow.emit("echo", number, ack_id=100 + number)
        node.until(lambda stats: stats["held"] > 0)
        neighbour = stack.enter_context(Wire(node.port))
        neighbour.join_chat()

        assert neighbour.call("later", 0.3)["ok"]  # many turns, in which the rest would have been read
        assert node.stats()["handled"] < 37

        assert [slow.ack(100 + number)["args"] for number in range(30)] == [[number] for number in range(30)]
        node.until(lambda stats: stats["held_together"] == 0)


def test_many_of_one_address_who_do_not_read_are_cut_the_largest_first_and_others_go_on() -> None:
    with started(held_per_address=2 * MIB) as node, ExitStack() as stack:
        quick = stack.enter_context(Wire(node.port))
        quick.join_chat()
        # The system's own buffers take some of it.
        slow = [asks_and_does_not_read(stack, node.port, 12) for _ in range(20)]

        node.until(lambda stats: "address" in stats["cuts"])

        assert quick.call("echo", 1)["args"] == [1]
        assert node.stats()["held_together"] <= 2 * MIB
        for wire in slow:
            wire.socket.close()
        node.until(lambda stats: stats["connections"] == 1 and stats["held_together"] == 0)


def test_a_node_has_a_budget_too() -> None:
    with started(held_per_node=MIB) as node, ExitStack() as stack:
        for _ in range(8):
            asks_and_does_not_read(stack, node.port, 12)

        node.until(lambda stats: "node" in stats["cuts"])
        assert node.stats()["held_together"] <= MIB


def test_who_answers_pings_blindly_and_reads_nothing_is_gone_like_everybody_who_is_silent() -> None:
    with started() as node, ExitStack() as stack:
        slow = asks_and_does_not_read(stack, node.port, 0)
        slow.emit("page", 6 * MIB, ack_id=1)
        node.until(lambda stats: stats["held"] > 0)
        node.get("/ask?timeout=0.5")

        def is_gone(stats: dict[str, Any]) -> bool:
            with suppress(OSError):  # it may be gone by now
                slow.send_text("3")
            return bool(stats["connections"] == 0)

        node.until(is_gone)


def test_a_poll_that_is_not_read_counts_as_well() -> None:
    with started(held_per_address=MIB) as node, ExitStack() as stack:
        poller = "/socket.io/?EIO=4&transport=polling"
        for _ in range(3):
            wire = stack.enter_context(Wire(node.port))
            sid = json.loads(wire.request(poller)[2][1:])["sid"]
            asked = b"\x1e".join([b"40/chat,{}", *[b'42/chat,1["page",%d]' % PAGE] * 2])
            wire.request(f"{poller}&sid={sid}", method="POST", body=asked)

        node.until(lambda stats: "address" in stats["cuts"])
        assert node.stats()["held_together"] <= MIB

"""Builds with one promise-keeper taken out. The suite is worth something if it notices each of them.

Only ``faults.node`` can become one of them; the product refuses to start where one is asked for.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, event, update
from sqlalchemy.sql import ClauseElement, FromClause

from chatapp.gateway.delivery.audience import Audience
from chatapp.gateway.delivery.gaps import Gaps
from chatapp.gateway.delivery.listening import Listening
from chatapp.gateway.talk.namespace import ChatNamespace
from chatapp.kernel.ports import Done, Outcome, RoomWrite
from chatapp.rooms.attendance.presence import Roster
from chatapp.rooms.changing import Changed, Changing
from chatapp.rooms.messages.recent_ids import RecentIds
from chatapp.runtime import sleep, spawn
from chatapp.runtime.server.accepting import Acceptor
from chatapp.store.database.engine import Database
from chatapp.store.forgetting import forgetting
from chatapp.store.forgetting.forgetting import Step
from chatapp.store.log import journal, texts
from chatapp.store.models import DEAD, nodes, room_leases
from chatapp.store.nodes.nodes import NodeTable
from chatapp.store.threaded import ThreadedStore


def no_fence() -> None:
    """The commit asks neither for the owner nor for the epoch nor for the place in the log."""

    def move(asked: FromClause) -> ClauseElement:
        lease, wanted = room_leases.c, asked.c
        return (
            update(room_leases)
            .where(lease.room_id == wanted.room)
            .values(last_seq=wanted.new, last_at=wanted.at)
            .returning(lease.room_id)
        )

    _replace(journal, "_move", move)


def ack_before_commit() -> None:
    """Everybody is told while the journal is still writing."""
    commit = ThreadedStore.commit

    def hasty(store: ThreadedStore, writes: Sequence[RoomWrite], *, done: Done[Sequence[Outcome]]) -> None:
        commit(store, writes, done=lambda outcomes: None)
        done([Outcome.COMMITTED] * len(writes))

    _replace(ThreadedStore, "commit", hasty)


def no_dedupe() -> None:
    """No id is remembered or looked up, and the table takes it twice."""

    @event.listens_for(Engine, "before_cursor_execute", retval=True)
    def _without_the_key(
        _connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any
    ) -> tuple[str, Any]:
        if "CREATE TABLE events" in statement:
            head, _key, tail = statement.partition("CONSTRAINT events_room_id_user_id_client_id_key")
            statement = head.rstrip().removesuffix(",") + tail.partition(")")[2]
        return statement, parameters

    _replace(RecentIds, "get", lambda recent, key: None)


def no_head() -> None:
    """A wake announces nothing: what was committed unseen stays unseen."""
    _replace(Audience, "announce", lambda audience, room_id, epoch, head: None)


def no_queue() -> None:
    """Each event is handled by a greenlet of its own, which waits for something first."""
    handle = ChatNamespace.handle

    def spawned(namespace: ChatNamespace, *args: Any) -> None:
        def later() -> None:
            sleep(random.random() * 0.005)
            handle(namespace, *args)

        spawn(later)

    _replace(ChatNamespace, "handle", spawned)


def no_word_of_presence() -> None:
    """An owner does not answer a session snapshot with who is there, though its sender lacks something."""
    _replace(Roster, "answer_snapshot", lambda roster, heard, *, may_lack: None)


def no_gap_fill() -> None:
    """What the relay lost is not read from the database."""

    def skip(gaps: Gaps, room: Listening, room_id: str, upto: int) -> None:
        room.head = max(room.head, upto)
        gaps.go_on(room, room_id)

    _replace(Gaps, "fill", skip)


def application_clock() -> None:
    """A node is declared dead by the wall clock of another, without its own patience."""

    def declare(_table: NodeTable, connection: Connection, node_id: str) -> None:
        late = (
            nodes.c.node_id != node_id,
            nodes.c.state != DEAD,
            nodes.c.lease_until < int(time.time() * 1000),
        )
        connection.execute(update(nodes).where(*late).values(state=DEAD))

    _replace(NodeTable, "_declare_the_silent", declare)


def _replace(owner: object, name: str, method: Callable[..., Any]) -> None:
    assert hasattr(owner, name)  # or else the build would be a whole one
    setattr(owner, name, method)


def deaf() -> None:
    """The first error of accept(2) ends the listening, and nobody is told."""

    def give_up(acceptor: Acceptor, _error: OSError) -> bool:
        acceptor.stop()
        return False

    _replace(Acceptor, "_goes_on_after", give_up)


def deletes_only() -> None:
    """The alarm deletes the rows that are over, and no more: what databases do with those is their affair."""

    def delete_rows(table: Table, is_over: ColumnElement[bool], asked: Any, connection: Connection) -> int:
        return connection.execute(delete(table).where(is_over), asked).rowcount

    def delete_rows_by_a_step(_database: Database, table: Table, *which: Any) -> Iterator[Step]:
        yield partial(delete_rows, table, *which)

    _replace(forgetting, "write_anew", delete_rows)
    _replace(forgetting, "write_in_slices", delete_rows_by_a_step)


def edits_keep_words() -> None:
    """The words that a message had before stay where they stood."""

    def leave(table: Table, asked: FromClause) -> ClauseElement:
        return update(table).where(table.c.n == asked.c.old).values(words=table.c.words)

    _replace(texts, "_zero", leave)


def target_first() -> None:
    """Whether a change is a repetition is judged after its message: of a repeated deletion it is deleted."""
    known = Changing._known

    def known_if_there(changing: Changing, command: Any) -> Changed | None:
        said = changing._messages
        said.targets.find(command.target, said.now_ms)
        return known(changing, command)

    _replace(Changing, "_known", known_if_there)


BUILDS: dict[str, Callable[[], None]] = {
    "no_fence": no_fence,
    "ack_before_commit": ack_before_commit,
    "no_dedupe": no_dedupe,
    "no_gap_fill": no_gap_fill,
    "no_word_of_presence": no_word_of_presence,
    "application_clock": application_clock,
    "no_head": no_head,
    "no_queue": no_queue,
    "deaf": deaf,
    "deletes_only": deletes_only,
    "edits_keep_words": edits_keep_words,
    "target_first": target_first,
}

"""Local delivery: what a room says, to those who listen to it on this node.

All that one commit brings reaches a recipient in one write. Nobody gets an event twice or one from before
they entered, nor a signal of an owner that has been replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chatapp.gateway.delivery.listening import Listening, PendingJoin
from chatapp.gateway.delivery.recipients import PlainRecipient, SocketIoRecipient
from chatapp.gateway.wire import frames
from chatapp.gateway.wire.fanout import Fanout
from chatapp.gateway.wire.listeners import Listeners
from chatapp.protocol import Resync, encode_resync
from chatapp.relay.peer_messages import EncodedUpdate
from chatapp.runtime import HubScheduler


class LocalDelivery:
    """``on_delivered`` is told how many frames were handed to sockets."""

    def __init__(
        self,
        listeners: Listeners,
        namespace: str,
        scheduler: HubScheduler,
        on_delivered: Callable[[int], object],
    ) -> None:
        self._listeners = listeners
        self._namespace = namespace
        self._fanout = Fanout(scheduler)
        self._on_delivered = on_delivered

    def deliver(self, room: Listening, room_id: str, epoch: int, updates: Sequence[EncodedUpdate]) -> None:
        """Without a gap before them: to everybody here who has not got them yet."""
        fresh = [update for update in updates if _is_fresh(room, epoch, update)]
        room.epoch = max(room.epoch, epoch)
        everybody = []
        for update in fresh:
            if update.user_id is not None:
                self._to_person(room, update.user_id, update)
            else:
                everybody.append(update)
            if update.seq is not None:
                room.head = update.seq
            elif update.presence is not None:
                room.presence, room.may_lack_presence = (epoch, update.presence), False
        for pending_join in room.pending_joins:
            pending_join.keep(fresh)
        if room.ahead:
            for update in everybody:
                self._to_those_behind(room, room_id, update)
            room.ahead = {name: head for name, head in room.ahead.items() if head > room.head}
        else:
            self._to_everybody(room, room_id, everybody)

    def catch_up(self, recipient: SocketIoRecipient | PlainRecipient, pending_join: PendingJoin) -> None:
        """To somebody who was let in: what the others were sent while it waited for that."""
        for update in pending_join.kept:
            if update.seq is None or update.seq <= pending_join.head:
                continue
            if isinstance(recipient, SocketIoRecipient) and update.socketio is not None:
                recipient.send(update.socketio)
            elif isinstance(recipient, PlainRecipient) and update.plain is not None:
                recipient.socket.send(update.plain)

    def resync(self, room: Listening, room_id: str) -> None:
        """They have missed too much to be sent after: Socket.IO clients ask for it themselves."""
        resync = encode_resync(Resync(room=room_id, reason="lagging", head=room.head))
        self._listeners.send_events(self._namespace, room_id, [resync])
        for recipient in list(room.plain.values()):
            recipient.socket.close(frames.SERVICE_RESTART)

    def _to_person(self, room: Listening, user_id: str, update: EncodedUpdate) -> None:
        for recipient in room.by_user.get(user_id, {}).values():
            if update.socketio is not None:
                recipient.send(update.socketio)

    def _to_everybody(self, room: Listening, room_id: str, updates: Sequence[EncodedUpdate]) -> None:
        if room.by_user:
            arrays = [update.socketio for update in updates if update.socketio]
            self._listeners.send_events(self._namespace, room_id, arrays, generation=room.generation)
            self._on_delivered(len(arrays) * (len(room.recipients) - len(room.plain)))
        if room.plain:
            self._to_plain(room_id, list(room.plain.values()), updates, room.generation)

    def _to_those_behind(self, room: Listening, room_id: str, update: EncodedUpdate) -> None:
        seq = update.seq or 0
        done = {name for name, head in room.ahead.items() if seq and head >= seq}
        if update.socketio is not None:
            recipients = [room.recipients[name] for name in done]
            skipped = [recipient.sid for recipient in recipients if isinstance(recipient, SocketIoRecipient)]
            self._listeners.send_events(self._namespace, room_id, [update.socketio], skipped)
        plain = [recipient for name, recipient in room.plain.items() if name not in done]
        self._to_plain(room_id, plain, [update], None)

    def _to_plain(
        self,
        room_id: str,
        recipients: Sequence[PlainRecipient],
        updates: Sequence[EncodedUpdate],
        generation: object,
    ) -> None:
        texts = [update.plain for update in updates if update.plain]
        self._on_delivered(len(texts) * len(recipients))
        ready = b"".join(frames.frame(frames.TEXT, text) for text in texts)
        if ready:
            self._fanout.push(room_id, recipients, ready, _send_plain, generation=generation)


def _send_plain(recipient: PlainRecipient, ready_frames: bytes) -> None:
    recipient.socket.send_broadcast(ready_frames)


def _is_fresh(room: Listening, epoch: int, update: EncodedUpdate) -> bool:
    if update.seq is not None:
        return update.seq > room.head
    return epoch >= room.epoch

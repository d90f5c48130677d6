"""Waking: who is in the room, from what was stored and from who is connected here.

A stored session without a connection here has lost it (its node died, or it went while the room
could not be told), unless another live node holds it. A connection without a stored session is
a *stranger*: storage failed when it came or went. It is there, so it counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatapp.rooms.attendance.sessions import Session, SessionRecord, Sessions
from chatapp.rooms.commands import Member


def wake_sessions(
    records: Sequence[SessionRecord], members: Sequence[Member], *, node_id: str, now_ms: int, grace_ms: int
) -> tuple[Sessions, list[Session]]:
    """The sessions, and the strangers among them."""
    sessions = Sessions()
    for record in records:
        session = _remembered(record)
        session.is_elsewhere = record.node_is_live and record.node_id != node_id
        sessions.add(session)
    strangers = []
    for member in members:
        known = sessions.find((member.user_id, member.device))
        if known is None:
            known = _unheard_of(member, sessions)
            sessions.add(known)
            strangers.append(known)
        known.connect(member)
    lost = [session for session in sessions if not session.is_connected]
    for session in sorted(lost, key=lambda lost: lost.lingers):  # those end first that do not linger
        sessions.lose(session, now_ms, grace_ms if session.lingers else 0)
    return sessions, strangers


def _remembered(record: SessionRecord) -> Session:
    session = Session(
        user_id=record.user_id,
        device=record.device,
        name=record.name,
        node_id=record.node_id,
        lingers=record.lingers,
    )
    session.recall(record)
    return session


def _unheard_of(member: Member, sessions: Sessions) -> Session:
    person = sessions.person(member.user_id)
    name = person.name if person else member.name
    return Session(user_id=member.user_id, device=member.device, name=name, node_id=member.node_id)

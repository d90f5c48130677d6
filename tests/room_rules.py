"""The rules that rooms of the tests live by, where a test has none of its own."""

from chatapp.rooms.rules import RoomRules

RULES = RoomRules(retention_ms=24 * 3_600_000)

from __future__ import annotations

from sqlalchemy import update

from chatapp.store.models import users as table
from chatapp.store.people.users import TOKEN_TTL_MS, TOUCH_RESOLUTION_MS, Users
from tests.contracts.worlds import DatabaseWorld


def test_a_guest_is_found_by_its_id(database_world: DatabaseWorld) -> None:
    users = database_world.store.users

    created = users.create("u_ana", name="Ana", token_id="t1")

    assert users.get("u_ana") == created
    assert users.get("u_ben") is None
    assert created.expires_at - created.created_at == TOKEN_TTL_MS


def test_a_guest_can_take_another_name(database_world: DatabaseWorld) -> None:
    users = database_world.store.users
    users.create("u_ana", name="Ana", token_id="t1")
    users.create("u_ben", name="Ben", token_id="t2")

    users.rename("u_ana", "Anna")

    assert [users.get(user_id).name for user_id in ("u_ana", "u_ben")] == ["Anna", "Ben"]  # type: ignore[union-attr]


def test_use_moves_the_expiry_at_most_once_an_hour(database_world: DatabaseWorld) -> None:
    users = database_world.store.users
    start = users.create("u_ana", name="Ana", token_id="t1").created_at

    users.touch("u_ana", start + TOUCH_RESOLUTION_MS)
    assert _expiry(users) == start + TOKEN_TTL_MS

    users.touch("u_ana", start + TOUCH_RESOLUTION_MS + 1)
    assert _expiry(users) == start + TOUCH_RESOLUTION_MS + 1 + TOKEN_TTL_MS


def test_use_revives_neither_an_expired_nor_a_revoked_token(database_world: DatabaseWorld) -> None:
    users = database_world.store.users
    start = users.create("u_ana", name="Ana", token_id="t1").created_at

    users.touch("u_ana", start + TOKEN_TTL_MS)
    assert _expiry(users) == start + TOKEN_TTL_MS

    users.revoke("u_ana")
    users.touch("u_ana", start + TOUCH_RESOLUTION_MS + 1)
    assert _expiry(users) == start + TOKEN_TTL_MS


def test_who_has_signed_out_gets_no_name_again(database_world: DatabaseWorld) -> None:
    """A new name and a sign-out may be under way at the same time."""
    users = database_world.store.users
    users.create("u_ana", name="Ana", token_id="t1")
    users.revoke("u_ana")

    users.rename("u_ana", "Anna")

    user = users.get("u_ana")
    assert user is not None
    assert user.name == ""


def test_a_revocation_leaves_the_row_without_its_name_and_happens_once(database_world: DatabaseWorld) -> None:
    users = database_world.store.users
    users.create("u_ana", name="Ana", token_id="t1")

    assert users.revoke("u_ana")
    assert not users.revoke("u_ana")
    assert not users.revoke("u_ben")

    user = users.get("u_ana")
    assert user is not None
    assert user.revoked_at is not None
    assert user.name == "", "nobody comes back by it"
    with users._database.writing() as connection:  # not two at one time either
        connection.execute(update(table).values(revoked_at=None))
    assert users.revoke("u_ana")


def _expiry(users: Users) -> int:
    user = users.get("u_ana")
    assert user is not None
    return user.expires_at

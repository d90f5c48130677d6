"""An upgrade that older code cannot live with waits for nobody, and runs beside nobody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import Connection, Transaction, text
from sqlalchemy.exc import DBAPIError

from chatapp.store.database import engine
from chatapp.store.database.engine import open_database
from chatapp.store.migrations import DatabaseUnusable, has_schema, upgrade
from chatapp.store.nodes.proof import SecondNodeRefused, proof_of_death
from tests.contracts.old_schema import OLD_EVENT, fill, logs, old_rows, upgrade_at_once


@contextmanager
def living_node(url: str) -> Iterator[None]:
    """What a web node holds from its registration to its end."""
    with closing(open_database(url)) as database, database.reading() as connection:
        proof = proof_of_death(database, url, must_be_alone=False)
        proof.hold(connection, "n_1")
        yield
        proof.let_go(connection)


def test_an_older_node_that_lives_is_not_upgraded_under(empty_url: str) -> None:
    fill(empty_url, "0002", logs())
    before = old_rows(empty_url)

    with living_node(empty_url):
        with pytest.raises(DatabaseUnusable, match="stop every web node and the worker") as refusal:
            upgrade(empty_url)
        assert "\n" not in str(refusal.value)
        assert old_rows(empty_url) == before
    assert not has_schema(empty_url)

    upgrade(empty_url)
    assert has_schema(empty_url)


def test_a_schema_that_is_there_is_nothing_to_stop_a_node_for(database_url: str) -> None:
    """So a node starts beside others, as always."""
    with living_node(database_url):
        upgrade(database_url)


def test_an_older_node_cannot_start_before_all_of_it_is_committed(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits for the lock of the schema first; one that has passed that meets the proof."""
    fill(empty_url, "0002", logs())
    commit_as_it_is = engine.commit
    refusals: list[SecondNodeRefused] = []

    def commit(connection: Connection, transaction: Transaction) -> None:
        with pytest.raises(SecondNodeRefused) as refusal, living_node(empty_url):
            pass
        refusals.append(refusal.value)
        commit_as_it_is(connection, transaction)

    monkeypatch.setattr(engine, "commit", commit)
    upgrade(empty_url)

    assert len(refusals) == 1
    with living_node(empty_url):
        pass  # whoever upgraded starts in the same process


def test_several_new_nodes_that_start_at_once_upgrade_once(empty_url: str) -> None:
    """The others wait until it is done, and are not taken for older ones."""
    fill(empty_url, "0002", logs(length=100))
    failures = upgrade_at_once(empty_url, seconds=60)

    assert failures == []
    assert has_schema(empty_url)


def test_what_an_older_program_still_writes_is_refused_by_the_database(empty_url: str) -> None:
    """It may have passed every lock: then it stores nothing, rather than something half."""
    fill(empty_url, "0002", logs())
    upgrade(empty_url)
    row = dict.fromkeys(("room_id", "type", "id", "user_id", "user_name", "client_id", "body"), "late")

    with (
        closing(open_database(empty_url)) as database,
        pytest.raises(DBAPIError, match="user_name"),
        database.writing() as connection,
    ):
        connection.execute(text(OLD_EVENT), {**row, "seq": 1, "ts": 1, "epoch": 1, "content_hash": b""})

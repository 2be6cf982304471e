"""The market's own PostgreSQL, its schema, and who leads a loop."""

import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel

from market.db import tables
from market.db.embedded import embedded_postgres
from market.db.leader import candidate, leaders
from market.db.session import create_engine, transaction
from market.roles.loop import Loop
from suanli.protocol.errors import ChainError
from suanli.protocol.reasons import Reason
from tests.integration.anvil import ROOT


def test_the_migrations_make_exactly_the_tables_that_the_code_declares(engine: Engine) -> None:
    assert tables.__all__
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_data_outlive_a_stop_and_a_second_user_does_not_stop_the_server(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with embedded_postgres(folder) as url:
        engine = create_engine(url)
        with transaction(engine) as session:
            session.execute(text("CREATE TABLE kept AS SELECT 42 AS answer"))
        with embedded_postgres(folder) as same:
            assert same == url
        with transaction(engine) as session:
            assert session.execute(text("SELECT answer FROM kept")).scalar() == 42
        engine.dispose()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    with embedded_postgres(folder) as again:
        assert psycopg.connect(again).execute("SELECT answer FROM kept").fetchone() == (42,)


DIES = """
import os, signal, sys
from pathlib import Path
from market.db.embedded import embedded_postgres
with embedded_postgres(Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_server_of_a_killed_market_is_taken_over_and_stopped_by_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    subprocess.run([sys.executable, "-c", DIES, str(folder)], cwd=ROOT, check=False)
    with embedded_postgres(folder) as url:
        assert psycopg.connect(url).execute("SELECT 1").fetchone() == (1,)
    assert not (folder / "postmaster.pid").exists()


def test_one_candidate_leads_and_another_takes_over_when_it_is_gone(engine: Engine) -> None:
    with candidate(engine, "relayer") as second:
        with candidate(engine, "relayer") as first:
            assert first.take()
            assert not second.take()
            with transaction(engine) as session:
                assert leaders(session, ["relayer", "indexer"]) == {"relayer": True, "indexer": False}
        assert second.take()


def test_a_leader_whose_connection_is_cut_knows_that_it_lost_the_lead(engine: Engine) -> None:
    with candidate(engine, "relayer") as first, candidate(engine, "relayer") as second:
        assert first.take()
        cut = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        with transaction(engine) as session:
            session.execute(text(cut))
        with pytest.raises(OperationalError):
            first.check()
        assert second.take()


class Work:
    """Steps of a loop that go wrong in turn, and then go on for ever."""

    def __init__(self, engine: Engine, *errors: Exception | None) -> None:
        self.errors = list(errors)
        self.engine = engine
        self.done = threading.Event()

    def step(self, now: float) -> bool:
        if self.errors:
            error = self.errors.pop(0)
            if error is not None:
                raise error
            cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            with transaction(self.engine) as session:
                session.execute(text(cut + " AND datname = current_database()"))
            return True
        self.done.set()
        return False


def test_a_loop_survives_chain_hiccups_defects_and_a_lost_database(engine: Engine) -> None:
    lost_database = None
    work = Work(
        engine, ChainError(Reason.CHAIN_UNREACHABLE, "gone"), ZeroDivisionError("a defect"), lost_database
    )
    stop = threading.Event()
    loop = Loop("relayer", work.step, lambda stop: stop.wait(0.01), retry_maximum_seconds=0.1)
    thread = threading.Thread(target=loop.run, args=(engine, stop))
    thread.start()
    assert work.done.wait(30)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def test_of_two_loops_of_one_role_one_works(engine: Engine) -> None:
    stop = threading.Event()
    works = [Work(engine), Work(engine)]
    loops = [Loop("relayer", work.step, lambda stop: stop.wait(0.01)) for work in works]
    threads = [threading.Thread(target=loop.run, args=(engine, stop)) for loop in loops]
    for thread in threads:
        thread.start()
    while not any(work.done.is_set() for work in works):
        works[0].done.wait(0.01)
    assert not all(work.done.wait(0.3) for work in works)
    stop.set()
    for thread in threads:
        thread.join(10)

"""The product's processes as an operator starts them, and what they use of the machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.kit import processes, servers

ENTRY = "tests.benchmarks.runs.entry"
_COPIED = {
    "runtime_run": "id",
    "runtime_journalbatch": "run_id",
    "runtime_attempt": "run_id",
    "runtime_effect": "run_id",
}


@dataclass
class Stack:
    """A running product; ``named`` are its processes and the servers it stands on."""

    name: str
    port: int
    hook: str
    database: str  # address for psycopg, or path of the SQLite file
    named: dict[str, psutil.Process]
    own: list[subprocess.Popen[bytes]] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)

    def cpu_s(self) -> dict[str, float]:
        """Processor seconds so far, by process; children count with their parent."""
        return {name: _cpu_s(process) for name, process in self.named.items()}

    def memory_mb(self) -> dict[str, float]:
        """Proportional set size by process."""
        return {name: _pss_mb(process) for name, process in self.named.items()}

    def count(self, condition: str) -> int:
        """Runs that meet an SQL condition."""
        return int(self.ask(f"SELECT count(*) FROM runtime_run WHERE {condition}")[0][0])

    def multiply(self, count: int) -> None:
        """Store ``count`` more finished runs with journal, attempt and effect, copied from one."""
        like = self.ask("SELECT id FROM runtime_run WHERE status = 'succeeded' LIMIT 1")[0][0]
        for table, key in _COPIED.items():
            self._copy(table, key, like, count)
        for table in _COPIED if self.name == "production" else ():
            self.ask(f"VACUUM ANALYZE {table}")  # what autovacuum would do beside the measurement
        self.ask("PRAGMA optimize" if self.name == "embedded" else "CHECKPOINT")

    def forget_statements(self) -> None:
        """Count statements from now on."""
        self.ask("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        self.ask("SELECT pg_stat_statements_reset()")

    def statements(self, runs: int, most: int = 14) -> None:
        """Print what the database spent its time on, by statement and run."""
        print("| statement | calls a run | µs a run | blocks read | blocks dirtied | WAL, kB |")
        print("|---|---|---|---|---|---|")
        rows = self.ask(
            "SELECT query, calls, total_exec_time * 1000, shared_blks_read, shared_blks_dirtied,"
            " wal_bytes / 1024 FROM pg_stat_statements ORDER BY total_exec_time DESC"
        )
        for query, *values in rows[:most]:
            words = " ".join(query.split()).replace("|", "/")[:70]
            cells = " | ".join(f"{float(value) / runs:.2f}" for value in values)
            print(f"| {words} | {cells} |")
        sums = {"all, µs": "total_exec_time * 1000", "all WAL, kB": "wal_bytes / 1024"}
        for words, column in sums.items():
            total = self.ask(f"SELECT sum({column}) FROM pg_stat_statements")[0][0]
            print(f"| {words} a run | {float(total) / runs:.1f} |")

    def _copy(self, table: str, key: str, like: str, count: int) -> None:
        lite = self.name == "embedded"
        named = self.ask(
            f"SELECT name FROM pragma_table_info('{table}')"
            if lite
            else f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}'"
        )
        number = "printf('%025d', n)" if lite else "lpad(n::text, 25, '0')"
        made = {"id": f"'run_0' || {number}"} if key == "id" else {}
        made |= {"run_id": f"'run_0' || {number}"} if key == "run_id" else {}
        if table == "runtime_effect":  # as chance makes them: all over the index
            made["key"] = "lower(hex(randomblob(16)))" if lite else "md5(n::text)"
        names = [name for (name,) in named if name != "id" or key == "id"]
        chosen = ", ".join(made.get(name, f'"{name}"') for name in names)
        into = ", ".join(f'"{name}"' for name in names)
        series = (
            f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count})"
            if lite
            else f"WITH s AS (SELECT generate_series(1, {count}) AS n)"
        )
        one = f"(SELECT * FROM {table} WHERE {key} = '{like}' LIMIT 1) AS one"
        self.ask(f"{series} INSERT INTO {table} ({into}) SELECT {chosen} FROM s, {one}")

    def ask(self, sql: str) -> list[Any]:
        """Rows of a query, read beside the product."""
        if self.name == "embedded":
            import sqlite3

            with sqlite3.connect(self.database, timeout=20) as connection:
                return connection.execute(sql).fetchall()
        import psycopg

        with psycopg.connect(self.database, autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []


def _family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _cpu_s(process: psutil.Process) -> float:
    found = 0.0
    for member in _family(process):
        with suppress(psutil.NoSuchProcess):  # servers end a child now and then
            times = member.cpu_times()
            found += times.user + times.system + times.children_user + times.children_system
    return found


def _pss_mb(process: psutil.Process) -> float:
    found = 0
    for member in _family(process):
        with suppress(psutil.NoSuchProcess):
            found += member.memory_full_info().pss
    return found / 1024 / 1024


@contextmanager
def embedded(folder: Path, stub_url: str) -> Iterator[Stack]:
    """One process on SQLite."""
    env = _env(folder, stub_url, database="", redis="")
    hook = _prepare(folder, env, stub_url)
    log = folder / "product.log"
    product = processes.spawn(
        processes.python("-m", ENTRY, "up", "--no-demo", "--no-sandbox"), log=log, env=env
    )
    try:
        processes.wait_for_http(f"{env['CAUSEWAY_PUBLIC_URL']}/login", product, log)
        port = int(env["CAUSEWAY_PORT"])
        database = str(folder / "data" / "causeway.sqlite3")
        named = {"product": psutil.Process(product.pid)}
        yield Stack("embedded", port, hook, database, named, [product], env)
    finally:
        processes.stop(product)


@contextmanager
def production(
    folder: Path, stub_url: str, workers: int = 1, statements: bool = False
) -> Iterator[Stack]:
    """Web, workers and scheduler on PostgreSQL (synchronous commit) and Valkey."""
    before = {child.pid for child in psutil.Process().children()}
    counted = {"shared_preload_libraries": "pg_stat_statements"} if statements else {}
    url, redis = servers.start_postgres(durable=True, **counted), servers.start_valkey()
    kin = [child for child in psutil.Process().children() if child.pid not in before]
    named = {"postgres" if "postgres" in child.name() else "valkey": child for child in kin}
    env = _env(folder, stub_url, database=url, redis=f"{redis}/0")
    hook = _prepare(folder, env, stub_url)
    own = [
        processes.spawn(
            processes.python("-m", ENTRY, *arguments), log=folder / f"{name}.log", env=env
        )
        for name, arguments in [
            ("web", ["web", env["CAUSEWAY_PORT"]]),
            *((f"worker{n + 1}", ["work"]) for n in range(workers)),
            ("scheduler", ["schedule"]),
        ]
    ]
    names = ["web", *(f"worker{n + 1}" for n in range(workers)), "scheduler"]
    named |= {n: psutil.Process(p.pid) for n, p in zip(names, own, strict=True)}
    try:
        processes.wait_for_http(f"{env['CAUSEWAY_PUBLIC_URL']}/login", own[0], folder / "web.log")
        yield Stack("production", int(env["CAUSEWAY_PORT"]), hook, url, named, own, env)
    finally:
        for process in own:
            processes.stop(process)
        for child in kin:
            child.terminate()


def _env(folder: Path, stub_url: str, *, database: str, redis: str) -> dict[str, str]:
    port = processes.free_port()
    return {
        "DJANGO_SETTINGS_MODULE": "ipaas.settings",
        "CAUSEWAY_DATA_DIR": str(folder / "data"),
        "CAUSEWAY_PORT": str(port),
        "CAUSEWAY_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "CAUSEWAY_DATABASE_URL": database,
        "CAUSEWAY_REDIS_URL": redis,
        "CAUSEWAY_SANDBOX_URL": stub_url,  # the only address on loopback that may be called
        "CAUSEWAY_DEMO": "0",
    }


def _prepare(folder: Path, env: dict[str, str], stub_url: str) -> str:
    """Tables, workspace, flow; the path of the web hook."""
    for arguments in (["migrate", "--verbosity", "0"], ["setup", stub_url]):
        done = subprocess.run(
            processes.python("-m", ENTRY, *arguments),
            cwd=processes.ROOT,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            timeout=120,
        )
        if done.returncode:
            raise AssertionError(done.stdout + done.stderr)
    return done.stdout.split()[-1]

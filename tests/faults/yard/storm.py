"""A storm: events come in, processes die all the time, and at the end the ledger is read.

``Storm(folder, stack, seconds).rage()`` gives a ``Verdict``. Whatever was acknowledged must have
left each of its papers exactly once, papers of one line in their order, and nothing may stand
still.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import statistics
import subprocess
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ipaas.core import jsonio
from tests.faults.yard import outages, points, vendor
from tests.faults.yard.flows import HOOKED, Event, event
from tests.faults.yard.past import PAST_DAYS
from tests.kit import processes

LINES = 14  # keys; the events of each are sent one after the other
MEAN_LIFE_S = {"web": 0.6, "work": 1.3, "schedule": 2.5}
PAST_A_SECOND, MOST_PAST = 4, 2_000  # events that a backfill reads meanwhile
MOST_OPEN = 160  # events whose papers have not all arrived
CALM_DEADLINE_S = 240.0
VICTIMS = {
    "embedded": {"product": "web"},
    "production": {"web": "web", "worker1": "work", "worker2": "work", "worker3": "work",
        "worker4": "work",
                   "scheduler1": "schedule", "scheduler2": "schedule"},
}  # fmt: skip


@dataclass
class Verdict:
    """What became of a storm."""

    stack: str
    seconds: float
    kills: int = 0
    kills_at_points: int = 0
    points: dict[str, int] = field(default_factory=dict)
    stops: int = 0  # pauses longer than a lease
    gave_up: int = 0  # processes that ended by themselves, because their database was cut off
    outages: dict[str, int] = field(default_factory=dict)
    vendor: dict[str, int] = field(default_factory=dict)
    events: int = 0
    read_back: int = 0  # of them by a backfill
    papers: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)  # papers of nothing that was sent
    out_of_order: list[str] = field(default_factory=list)
    fires_wrong: list[str] = field(default_factory=list)
    stuck: list[Any] = field(default_factory=list)
    people: dict[str, int] = field(default_factory=dict)
    letters: dict[str, int] = field(default_factory=dict)  # causes of dead letters
    settled_s: float = 0.0  # after the last kill
    took_s: dict[str, float] = field(default_factory=dict)  # event to its last paper
    slowest: list[tuple[float, str]] = field(default_factory=list)
    at: str = ""

    @property
    def good(self) -> bool:
        """Nothing lost, nothing doubled, in order, at rest."""
        wrong = (self.lost, self.doubled, self.strange, self.out_of_order, self.stuck)
        return not any(wrong) and not self.fires_wrong


class Storm:
    """One run of the yard on one stack."""

    def __init__(
        self,
        folder: Path,
        stack: str,
        seconds: float,
        *,
        env: dict[str, str] | None = None,
        seed: int = 7,
        faults: str = "",
        manners: vendor.Manners | None = None,
        deadline_s: float = CALM_DEADLINE_S,
    ) -> None:
        self.folder, self.seconds, self._seed = folder, seconds, seed
        self.verdict = Verdict(stack, seconds, at=datetime.now(UTC).isoformat()[:19])
        self.ledger = vendor.Ledger()
        self.manners = manners or vendor.Manners()
        self._always, self._deadline_s = faults, deadline_s
        self._pids: dict[str, int] = {}
        self._died: dict[int, asyncio.Future[int]] = {}
        self._started: dict[str, asyncio.Future[int]] = {}
        self._ready: dict[int, asyncio.Event] = {}
        self._acked: dict[str, float] = {}
        self._events: dict[str, Event] = {}
        self._ended: dict[str, float] = {}
        self._hooks: dict[str, str] = {}
        self._sending = True
        self._number = 0
        self._happened(min(MOST_PAST, int(seconds * PAST_A_SECOND)))
        self.vendor_port, self.port = processes.free_port(), processes.free_port()
        self.env = {
            "DJANGO_SETTINGS_MODULE": "ipaas.settings",
            "CAUSEWAY_DATA_DIR": str(folder / "data"),
            "CAUSEWAY_PORT": str(self.port),
            "CAUSEWAY_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "CAUSEWAY_SANDBOX_URL": f"http://127.0.0.1:{self.vendor_port}",
            "CAUSEWAY_DATABASE_URL": "",
            "CAUSEWAY_REDIS_URL": "",
            "CAUSEWAY_DEMO": "0",
            "CAUSEWAY_FAULTS": "",
            **(env or {}),
        }

    def _happened(self, count: int) -> None:
        """What a backfill will find: so much has happened in the days before."""
        now = datetime.now(UTC)
        for number in range(count):
            made = Event(f"read_back-{number}", "read_back", {})
            at = now - timedelta(days=PAST_DAYS - 1) * ((number + 1) / (count + 1))
            first, second = made.papers
            row = {"id": made.id, "at": at.isoformat(), "paper": first, "second": second}
            self.ledger.past.append(row)
            self._events[made.id] = made
            self._acked[made.id] = time.monotonic()
        self.ledger.past.sort(key=lambda row: str(row["at"]))
        self.verdict.read_back = count

    def rage(self) -> Verdict:
        """Let it storm, wait for calm, judge."""
        random.seed(self._seed)
        asyncio.run(self._rage())
        return self.verdict

    async def _rage(self) -> None:
        server = await vendor.listen(self.vendor_port, self.ledger, self.manners)
        nursery = await self._open()
        tasks = [asyncio.create_task(self._listen(nursery))]
        try:
            await self._start(nursery, "people", "people", vendor=self._vendor_url(),
                              into=str(self.folder / "people.json"))  # fmt: skip
            began = time.monotonic()
            self._until = began + self.seconds
            roles = VICTIMS[self.verdict.stack]
            storms = [asyncio.create_task(self._torment(nursery, n, r)) for n, r in roles.items()]
            senders = [asyncio.create_task(self._send(f"line{n}")) for n in range(LINES)]
            senders.append(asyncio.create_task(self._change()))
            tasks += [*storms, *senders, asyncio.create_task(self._watch())]
            if self.env["CAUSEWAY_REDIS_URL"]:
                tasks.append(asyncio.create_task(outages.cause(self.env, self.verdict.outages,
                                                               self._until)))  # fmt: skip
            await asyncio.gather(*storms)
            storm_ended = time.monotonic()
            self._sending = False
            await asyncio.gather(*senders)
            vars(self.manners).update(vars(vendor.POLITE))
            await self._calm()
            self.verdict.settled_s = round(time.monotonic() - storm_ended, 1)
            self._judge()
        finally:
            for task in tasks:
                task.cancel()
            server.close()
            for pid in self._pids.values():
                _signal(pid, signal.SIGKILL)
            nursery.kill()
            await nursery.wait()

    def _vendor_url(self) -> str:
        return f"http://127.0.0.1:{self.vendor_port}"

    # Processes

    async def _open(self) -> asyncio.subprocess.Process:
        into = self.folder / "yard.json"
        with open(self.folder / "nursery.log", "ab") as log:  # noqa: ASYNC230 nothing runs yet
            nursery = await asyncio.create_subprocess_exec(
                *processes.python("-m", "tests.faults.yard.nursery", self._vendor_url(), str(into)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=processes.ROOT,
                env={**os.environ, **self.env},
                start_new_session=True,
            )
        assert nursery.stdout is not None
        while True:
            line = await asyncio.wait_for(nursery.stdout.readline(), 90)
            assert line, processes.tail(self.folder / "nursery.log")
            if line.startswith(b'{"ready"'):
                break  # the nursery itself
        made = json.loads(into.read_text())
        self._hooks, self._workspace = made["hooks"], made["workspace"]
        return nursery

    async def _listen(self, nursery: asyncio.subprocess.Process) -> None:
        assert nursery.stdout is not None
        while line := await nursery.stdout.readline():
            if not line.startswith(b"{"):
                continue
            said = json.loads(line)
            if "died" in said:
                future = self._died.pop(said["died"], None)
                if future is not None and not future.done():
                    future.set_result(said["by"])
            elif "ready" in said:
                if said["ready"] in self._ready:
                    self._ready[said["ready"]].set()
            elif "started" in said:
                self._died[said["pid"]] = asyncio.get_running_loop().create_future()
                self._ready[said["pid"]] = asyncio.Event()
                self._started.pop(said["started"]).set_result(said["pid"])

    async def _start(
        self, nursery: asyncio.subprocess.Process, name: str, role: str, **more: Any
    ) -> tuple[int, asyncio.Future[int]]:
        self._started[name] = started = asyncio.get_running_loop().create_future()
        order = {"name": name, "role": role, "log": str(self.folder / f"{name}.log"),
                 "workspace": self._workspace, **more}  # fmt: skip
        assert nursery.stdin is not None
        nursery.stdin.write(json.dumps(order).encode() + b"\n")
        pid = await asyncio.wait_for(started, 30)
        self._pids[name] = pid
        return pid, self._died[pid]

    async def _torment(self, nursery: asyncio.subprocess.Process, name: str, role: str) -> None:
        """Start a process and kill it, again and again; at the end let one live."""
        while time.monotonic() < self._until:
            wish, life_s = points.choose(role), random.expovariate(1 / MEAN_LIFE_S[role]) + 0.1
            clock = points.wrong_clock(role)
            faults = ",".join(filter(None, (wish.text, self._always)))
            pid, death = await self._start(nursery, name, role, faults=faults, clock=clock)
            if random.random() < 0.1:
                life_s += 4  # now and then something gets done
            if role == "work" and random.random() < 0.02:
                await self._pause(pid, life_s)
            if random.random() > 0.1:  # else it may die before it has begun its work
                await self._begun(pid, death)
            done, _ = await asyncio.wait([death], timeout=life_s)
            if done:
                by = death.result()
                if by == -signal.SIGKILL:
                    self.verdict.kills_at_points += 1
                    self.verdict.points[wish.name] = self.verdict.points.get(wish.name, 0) + 1
                else:
                    self.verdict.gave_up += 1
                    await asyncio.sleep(0.2)
                    continue
            else:
                _signal(pid, signal.SIGKILL)
                await death
            self.verdict.kills += 1
        await self._start(nursery, name, role, faults=self._always)

    async def _begun(self, pid: int, death: asyncio.Future[int]) -> None:
        began = asyncio.create_task(self._ready[pid].wait())
        await asyncio.wait([death, began], timeout=20, return_when=asyncio.FIRST_COMPLETED)
        began.cancel()

    async def _pause(self, pid: int, life_s: float) -> None:
        """Longer than a lease: the process comes back and believes that its runs are its own."""
        await asyncio.sleep(min(1.0, life_s))
        _signal(pid, signal.SIGSTOP)
        await asyncio.sleep(11.5)
        _signal(pid, signal.SIGCONT)
        self.verdict.stops += 1

    # Events

    def _open_events(self) -> int:
        """Those that were sent; what a backfill has not come to yet is not among them."""
        back = sum(name.startswith("read_back-") for name in self._ended)
        return len(self._acked) - self.verdict.read_back - (len(self._ended) - back)

    async def _send(self, line: str) -> None:
        """Events of one line, each sent until it is acknowledged."""
        chance, n = random.Random(f"{self._seed}{line}"), 0
        while self._sending:
            if self._open_events() > MOST_OPEN:
                await asyncio.sleep(0.2)
                continue
            self._number += 1
            n += 1
            flow = chance.choice((*HOOKED, "lane", "lane"))
            made = event(self._number, flow, line, n)
            self._events[made.id] = made
            while not await self._deliver(made):  # noqa: ASYNC110 it is sent anew
                await asyncio.sleep(0.05)
            self._acked[made.id] = time.monotonic()
            await asyncio.sleep(chance.uniform(0.2, 1.2))

    async def _deliver(self, made: Event) -> bool:
        """Whether it was acknowledged."""
        body = jsonio.dumps(made.body)
        head = (f"POST {self._hooks[made.flow]} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Content-Type: application/json\r\nWebhook-Id: {made.id}\r\n"
                f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n")  # fmt: skip
        writer = None
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(head.encode() + body)
            return (await asyncio.wait_for(reader.read(12), 3)).endswith(b" 200")
        except (OSError, TimeoutError):
            return False
        finally:
            if writer is not None:
                writer.close()

    async def _change(self) -> None:
        """Things change at the vendor; polls must find each."""
        while self._sending:
            if self._open_events() <= MOST_OPEN:
                name = f"polled-{len(self.ledger.changes)}"
                made = Event(name, "polled", {})
                at = datetime.now(UTC).isoformat()
                self.ledger.changes.append({"id": name, "at": at, "paper": f"{name}/a"})
                self._events[name] = made
                self._acked[name] = time.monotonic()
            await asyncio.sleep(0.4)

    async def _watch(self) -> None:
        """Notice when the last paper of an event has come."""
        while True:
            for name in [name for name in self._acked if name not in self._ended]:
                came = [self.ledger.papers.get(paper) for paper in self._events[name].papers]
                if all(came):
                    self._ended[name] = max(times[0] for times in came if times)
            await asyncio.sleep(0.1)

    # The end

    async def _calm(self) -> None:
        """Wait until every paper has come and no run is open."""
        end = time.monotonic() + self._deadline_s
        since = time.monotonic() + 2
        while time.monotonic() < end:
            status = self._status()
            all_came = len(self._acked) == len(self._ended)
            fresh = status and status["at"] > since and all_came
            if fresh and status["unfinished"] == 0 and status["letters"] == 0:
                return
            await asyncio.sleep(0.3)

    def _status(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads((self.folder / "people.json").read_text())
            return found
        except FileNotFoundError:
            return {}

    def _judge(self) -> None:
        verdict, papers, status = self.verdict, self.ledger.papers, self._status()
        expected = {paper: name for name in self._acked for paper in self._events[name].papers}
        sent = {paper for made in self._events.values() for paper in made.papers}
        verdict.events, verdict.papers = len(self._acked), len(papers)
        verdict.lost = [paper for paper in expected if paper not in papers]
        verdict.doubled = [name for name, times in papers.items() if len(times) > 1]
        fires = [name for name in papers if name not in sent]
        verdict.strange = [name for name in fires if not _is_minute(name)]
        verdict.fires_wrong = _missing_minutes(fires)
        for line, numbers in self.ledger.order.items():
            first = list(dict.fromkeys(numbers))
            if first != sorted(first):
                verdict.out_of_order.append(line)
        verdict.vendor = dict(self.ledger.seen)
        verdict.people, verdict.letters = status.get("done", {}), status.get("codes", {})
        if status.get("unfinished"):
            verdict.stuck.append(["unfinished", status["unfinished"], status.get("some")])
        if status.get("letters"):
            verdict.stuck.append(["dead letters", status["letters"], status.get("codes")])
        live = {n: at for n, at in self._ended.items() if not n.startswith("read_back-")}
        times = [(round(at - self._acked[name], 1), name) for name, at in live.items()]
        verdict.slowest = sorted(times, reverse=True)[:10]
        took = sorted(at - self._acked[name] for name, at in live.items())
        if len(took) > 2:
            cut = statistics.quantiles(took, n=100, method="inclusive")
            verdict.took_s = {"p50": round(cut[49], 2), "p99": round(cut[98], 2),
                              "max": round(took[-1], 2)}  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """The verdict, for the report."""
        return asdict(self.verdict) | {"good": self.verdict.good}


def _is_minute(name: str) -> bool:
    try:
        return datetime.fromisoformat(name).second == 0
    except ValueError:
        return False


def _missing_minutes(fires: list[str]) -> list[str]:
    """Minutes between the first and the last fire at which nothing came."""
    at = sorted(datetime.fromisoformat(name) for name in fires if _is_minute(name))
    if not at:
        return []
    wanted, found = at[0], []
    while wanted < at[-1]:
        if wanted not in at:
            found.append(wanted.isoformat())
        wanted += timedelta(minutes=1)
    return found


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass

"""One flow, played step by step in this process against the vendor of the storm."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from connectors import facade as connectors
from designer.releasing import release_body
from ipaas.core import clock, jsonio
from runtime import store
from runtime.effects.flight import Flight
from runtime.effects.hands import Hand, Worker
from runtime.models import Deployment, Run
from runtime.triggers.intake import Delivery, Receipt, receive
from tests.faults.yard import setting_up, vendor
from tests.faults.yard.flows import start
from tests.kit import processes
from tests.kit.drawing import document, mapping, node
from tests.kit.played import Stage, make_stage


class Scene:
    """A workspace, the other end, and a worker that obeys."""

    def __init__(self, stage: Stage, ledger: vendor.Ledger, manners: vendor.Manners, url: str):
        self.stage, self.ledger, self.manners, self.url = stage, ledger, manners, url
        setting_up.make_known()  # another test may have read the registry anew
        connectors.create_connection(
            stage.workspace_id,
            "test",
            connector="dock",
            name="Dock",
            slug="dock",
            settings={"base_url": url},
            sandbox=True,
        )
        setting_up.deploy(stage.workspace_id, "called", setting_up.CALLED)

    def publish(self, nodes: list[dict[str, Any]], wires: str, **trigger: Any) -> None:
        """Make the flow ``f`` live; its trigger is a web hook."""
        drawn = document([start(**trigger), *nodes], wires)
        self.stage.deploy("f", drawn, release_body(self.stage.workspace_id, "test", drawn)["facts"])

    def publish_post(self, how: str, **trigger: Any) -> None:
        """A flow that posts one paper."""
        config = {"input": mapping(name="trigger.name", line="trigger.line", n="trigger.n")}
        step = node("a", "action", connection="dock", connector="dock", operation=how, **config)
        self.publish([step], "start>a", **trigger)

    def bring(self, name: str, event: str = "", **more: Any) -> list[str]:
        """Runs that one message started."""
        token = Deployment.objects.get(flow_id="f").hook_token
        headers = {"webhook-id": event or name, "content-type": "application/json"}
        (answer,) = receive([Delivery(token, headers, jsonio.dumps({"name": name, **more}))])
        assert isinstance(answer, Receipt), answer
        return list(answer.runs)

    def claim(self, owner: str = "") -> list[Hand]:
        """Runs that a worker has taken."""
        with clock.use(self.stage.later):
            worker = self.stage.worker
            return worker._take(store.claim(32, owner or worker.name))

    def send_and_die(self) -> None:
        """The worker claims, sends, and is gone before it has taken the answer in."""
        with clock.use(self.stage.later):
            flight = Flight()
            self.stage.worker._turn(self.claim("dies"), flight)
            assert flight.landed(10), "nothing was sent"
        self.stage.skip(store.LEASE.total_seconds() + 1)

    def play(self) -> None:
        """Carry everything to its end."""
        self.stage.work_on()

    def papers(self, name: str) -> int:
        """How often a paper has come."""
        return len(self.ledger.papers.get(name, ()))

    def statuses(self) -> list[str]:
        """States of all runs, oldest first."""
        return list(Run.objects.order_by("id").values_list("status", flat=True))


@contextmanager
def scene(settings: Any) -> Iterator[Scene]:
    """A scene whose vendor is polite until told otherwise."""
    port, ledger = processes.free_port(), vendor.Ledger(hides=False)
    manners = vendor.Manners(**vars(vendor.POLITE))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(vendor.listen(port, ledger, manners), loop).result(10)
    settings.SANDBOX_URL = url = f"http://127.0.0.1:{port}"
    stage = make_stage()
    try:
        yield Scene(stage, ledger, manners, url)
    finally:
        stage.worker.close()
        asyncio.run_coroutine_threadsafe(_close(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _close(server: asyncio.Server) -> None:
    server.close()
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)


def other_worker() -> Worker:
    """A worker beside the scene's own."""
    return Worker("other", calls_at_once=2)

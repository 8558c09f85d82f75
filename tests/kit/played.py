"""Flows of any steps, published by hand and carried by workers of this process."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model

from ipaas.core import clock
from ipaas.tenancy import facade as tenancy
from runtime import control, deployments, store
from runtime.effects import payloads
from runtime.effects.hands import Worker
from runtime.models import Run
from tests.kit.drawing import document
from tests.kit.order_flow import LaterClock


@dataclass
class Stage:
    """A workspace whose flows are releases made by hand."""

    workspace_id: str
    slug: str
    owner: Any
    worker: Worker
    later: LaterClock = field(default_factory=LaterClock)

    def deploy(
        self, flow_id: str, body: dict[str, Any], facts: dict[str, Any] | None = None
    ) -> str:
        """Id of the release of a flow, which is live in test."""
        release_id = deployments.create_release(
            self.workspace_id,
            "test",
            flow_id=flow_id,
            flow_name=flow_id,
            version=1,
            body={"document": body, "facts": facts or {}, "schemas": {}, "names": {}},
        )
        deployments.deploy(self.workspace_id, "test", flow_id=flow_id, release_id=release_id)
        return release_id

    def start(self, release_id: str, trigger: Any, key: str = "") -> str:
        """Id of a run."""
        return control.start_run(self.workspace_id, release_id, trigger, business_key=key)

    def play(self, nodes: Iterable[Any], edges: str, trigger: Any, **facts: Any) -> Run:
        """A run of a new flow, carried until nothing is due now."""
        flow_id = f"flow_{secrets.token_hex(4)}"
        run_id = self.start(self.deploy(flow_id, document(nodes, edges), facts), trigger)
        self.work()
        return self.run(run_id)

    def work(self) -> None:
        """Carry everything that is due now."""
        with clock.use(self.later):
            for _ in range(2_000):
                if not self.worker.work_once(32):
                    return
        raise AssertionError("the runs never came to rest")

    def work_on(self, jumps: int = 60) -> None:
        """Carry everything to its end; the clock jumps to each timer."""
        for _ in range(jumps):
            self.work()
            due = store.next_due()
            if due is None:
                return
            self.skip(max(0.0, (due - self.later.now()).total_seconds()) + 0.001)
        raise AssertionError("the runs never came to rest")

    def skip(self, seconds: float) -> None:
        """Let time pass."""
        self.later.skipped += timedelta(seconds=seconds)

    def run(self, run_id: str) -> Run:
        """The run's row."""
        return Run.objects.get(id=run_id)

    def children(self, run: Run) -> list[Run]:
        """Runs that a run made, in order."""
        return list(Run.objects.filter(parent_id=run.id).order_by("family_id", "item_index"))

    def output(self, run: Run, node_id: str) -> Any:
        """What a step left behind."""
        reference = run.state[node_id]["output"]
        return payloads.load(self.workspace_id, [reference])[reference]


def make_stage() -> Stage:
    """A fresh workspace with a worker."""
    slug = f"w{secrets.token_hex(5)}"
    owner = get_user_model().objects.create_user(slug, password="x")
    workspace = tenancy.create_workspace(slug, slug, owner)
    return Stage(workspace.id, slug, owner, Worker("test", calls_at_once=4))

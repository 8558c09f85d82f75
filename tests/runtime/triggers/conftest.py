"""A workspace and flows of two steps, published without the designer."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from ipaas.core import clock
from ipaas.tenancy import facade as tenancy
from runtime import deployments
from runtime.effects import payloads
from runtime.effects.hands import Worker
from runtime.models import Run
from runtime.workers.actors import QUEUE, broker

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass
class Place:
    """A workspace in which flows are published."""

    workspace_id: str
    flows: int = 0

    def publish(
        self, kind: str, config: dict[str, Any] | None = None, *, then: str = "stop", flow: str = ""
    ) -> str:
        """Id of a flow that is live: a trigger, and one step that stops or fails."""
        self.flows += 1
        flow_id = flow or f"flow_{secrets.token_hex(6)}"
        document = {
            "schema": 1,
            "nodes": [
                {"id": "start", "type": kind, "name": "Start", "config": config or {}},
                {"id": "end", "type": then, "name": "End", "config": {}},
            ],
            "edges": [{"id": "e", "source": "start", "source_port": "out", "target": "end"}],
        }
        release = deployments.create_release(
            self.workspace_id,
            "test",
            flow_id=flow_id,
            flow_name=f"Flow {self.flows}",
            version=self.flows,
            body={"document": document, "facts": {}, "schemas": {}, "names": {}},
        )
        deployments.deploy(self.workspace_id, "test", flow_id=flow_id, release_id=release)
        return flow_id

    def switch(self, flow_id: str, active: bool, **more: Any) -> None:
        """Switch a flow on or off."""
        deployments.set_active(self.workspace_id, "test", flow_id, active, **more)

    def token(self, flow_id: str) -> str:
        """Last part of the flow's address."""
        (info,) = deployments.deployments(self.workspace_id, [flow_id])
        assert info.hook_token is not None
        return info.hook_token

    def runs(self, flow_id: str) -> list[Run]:
        """Runs of a flow, oldest first."""
        return list(Run.objects.filter(flow_id=flow_id).order_by("created_at", "id"))

    def document(self, run: Run) -> Any:
        """What a run was started with."""
        return payloads.load(self.workspace_id, [run.trigger])[run.trigger]


@pytest.fixture
def place() -> Place:
    """A workspace of its own."""
    slug = f"w{secrets.token_hex(5)}"
    owner = get_user_model().objects.create_user(slug, password="x")
    return Place(tenancy.create_workspace(slug, slug, owner).id)


@pytest.fixture
def virtual() -> Iterator[clock.VirtualClock]:
    """A clock that stands at noon of a Monday in March 2026."""
    made = clock.VirtualClock(NOON)
    with clock.use(made):
        yield made


@pytest.fixture
def advance(virtual: clock.VirtualClock) -> Callable[..., datetime]:
    """Moves the clock: ``advance(hours=2)``."""

    def move(**by: float) -> datetime:
        virtual.advance(timedelta(**by))
        return virtual.now()

    return move


@pytest.fixture
def worker() -> Iterator[Worker]:
    """Carries runs in this process."""
    made = Worker("test", calls_at_once=2)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def quiet_broker() -> Iterator[None]:
    """Wake-ups of one test do not reach the next."""
    yield
    broker.flush(QUEUE)

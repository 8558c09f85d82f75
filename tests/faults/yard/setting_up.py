"""Tables, workspace, connection and flows of the yard; and the connector of the other end."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management import call_command

from connectors import facade as connectors
from connectors import registry
from connectors.manifest.load import load_manifest
from designer.releasing import release_body
from ipaas.core import clock
from ipaas.tenancy import facade as tenancy
from runtime import deployments
from runtime.models import Deployment, Timer
from runtime.triggers import backfill
from tests.faults.yard.flows import CALLED, FLOWS, HOOKED
from tests.faults.yard.past import PAST_DAYS

HERE = Path(__file__).parent


def make_known() -> None:
    """Put the connector of the other end into the registry of this process."""
    known = registry.all_connectors()
    if "dock" not in known:
        known["dock"] = registry.Connector(load_manifest(HERE / "dock"), "tests.faults.yard.dock")


make_known()


def prepare(url: str, into: str) -> None:
    """Make everything; write the addresses of the flows' web hooks into the file ``into``."""
    call_command("migrate", verbosity=0, interactive=False)
    owner = get_user_model().objects.create_user("yard", password="yard-yard-yard")
    workspace = tenancy.create_workspace("yard", "Yard", owner)
    connectors.create_connection(
        workspace.id,
        "test",
        connector="dock",
        name="Dock",
        slug="dock",
        settings={"base_url": url},
        sandbox=True,
    )
    deploy(workspace.id, "called", CALLED)
    for name, (drawn, _) in FLOWS.items():
        deploy(workspace.id, name, drawn)
    polled = Timer.objects.filter(kind="trigger.poll", deployment__flow_id="polled")
    polled.update(settings={"every_s": 1})
    since = clock.now() - timedelta(days=PAST_DAYS)
    backfill.begin(workspace.id, "test", "read_back", since=since, until=None, by="yard")
    found = {name: f"/hooks/{Deployment.objects.get(flow_id=name).hook_token}" for name in HOOKED}
    Path(into).write_text(json.dumps({"workspace": workspace.id, "hooks": found}))


def deploy(workspace_id: str, name: str, drawn: dict[str, object]) -> None:
    """Make a flow live."""
    body = release_body(workspace_id, "test", drawn)
    release_id = deployments.create_release(
        workspace_id, "test", flow_id=name, flow_name=name, version=1, body=body
    )
    deployments.deploy(workspace_id, "test", flow_id=name, release_id=release_id)

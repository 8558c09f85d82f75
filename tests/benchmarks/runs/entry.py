"""The product's own processes, with the benchmark's connector beside the built-in ones.

``python -m tests.benchmarks.runs.entry up|work|schedule|migrate …`` is ``manage.py``;
``… web PORT`` is the server process of a production installation; ``… setup URL`` publishes the
flow of the benchmark and prints the address of its web hook; ``… tidy`` tidies up once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipaas.settings")

import django

django.setup()

from connectors import registry  # noqa: E402
from connectors.manifest.load import load_manifest  # noqa: E402

STUB = registry.Connector(load_manifest(Path(__file__).parent / "stub"), "tests.benchmarks.runs")
registry.all_connectors()["stub"] = STUB


def setup(stub_url: str) -> str:
    """Address of the web hook of a flow: web hook, map, one POST to ``stub_url``."""
    from django.contrib.auth import get_user_model

    from connectors import facade as connectors
    from designer import flows, publish
    from ipaas.tenancy import facade as tenancy
    from runtime.models import Deployment

    owner = get_user_model().objects.create_user("bench", password="bench-bench")
    workspace = tenancy.create_workspace("bench", "Benchmark", owner)
    connectors.create_connection(
        workspace.id,
        "test",
        connector="stub",
        name="Stub",
        slug="stub",
        settings={"base_url": stub_url},
        sandbox=True,
    )
    flow = flows.create(
        workspace.id, name="Orders", description="", document=document(), user=owner
    )
    publish.publish(workspace.id, flow.id, revision=1, environment="test", note="", user=owner)
    return f"/hooks/{Deployment.objects.get(flow_id=flow.id).hook_token}"


def lists() -> None:
    """Print how long the list of runs, a search in it and the overview take."""
    import time

    from ipaas.tenancy import facade as tenancy
    from runtime import reading

    workspace = tenancy.workspace_by_slug("bench").id
    for words, look in (
        ("list of runs, with counts", lambda: reading.list_runs(workspace, "test")),
        ("… failed ones", lambda: reading.list_runs(workspace, "test", status="failed")),
        ("… search by key", lambda: reading.list_runs(workspace, "test", query="order-1234")),
        ("overview", lambda: reading.overview(workspace, "test")),
    ):
        look()
        began = time.perf_counter()
        look()
        print(f"| {words} | {(time.perf_counter() - began) * 1000:.0f} ms |")


def tidy() -> None:
    """Tidy up once; print the time, the memory and what went."""
    import json
    import resource
    import time

    from runtime.retention import keeper

    def most_mb() -> float:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    keeper.policies()  # the database is open
    before_mb, began = most_mb(), time.perf_counter()
    removed = keeper.tidy()
    found = {
        "seconds": time.perf_counter() - began,
        "before_mb": before_mb,
        "most_mb": most_mb(),
        "journals": sum(each["journals"] for each in removed.environments.values()),
        "documents": sum(removed.documents.values()),
    }
    print(json.dumps(found))


def document(**trigger: Any) -> dict[str, Any]:
    """The flow document; ``trigger`` are settings of its trigger."""
    from tests.benchmarks.bench_mapping import RULES
    from tests.mapping.builders import mapping, rule

    rules = [each for each in RULES["rules"] if each["id"] != "cust"]
    made, whole = {**RULES, "rules": rules}, mapping(rule("whole", "", "steps.invoice"))
    steps: list[tuple[str, str, dict[str, Any]]] = [
        ("order", "trigger.webhook", trigger),
        ("invoice", "map", {"target": {"schema": {"type": "object"}}, "mapping": made}),
        ("post", "action", {"connection": "stub", "operation": "take_order", "input": whole}),
    ]
    return {
        "schema": 1,
        "nodes": [
            {"id": name, "type": kind, "name": name, "config": config}
            for name, kind, config in steps
        ],
        "edges": [
            {"id": f"e{n}", "source": a, "source_port": "out", "target": b, "target_port": "in"}
            for n, (a, b) in enumerate([("order", "invoice"), ("invoice", "post")])
        ],
    }


def main() -> None:
    """Be the process that the arguments name."""
    match sys.argv[1:]:
        case ["setup", stub_url]:
            print(setup(stub_url))
        case ["lists"]:
            lists()
        case ["tidy"]:
            tidy()
        case ["web", port]:
            import uvicorn

            uvicorn.run(
                "ipaas.asgi:application",
                host="127.0.0.1",
                port=int(port),
                log_level="warning",
                access_log=False,
                lifespan="on",
            )
        case arguments:
            from django.core.management import execute_from_command_line

            execute_from_command_line(["manage.py", *arguments])


if __name__ == "__main__":
    main()

"""From a draft to a release: check, compile, deploy."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Max

from connectors import facade as connectors
from designer import drift, flows, mapping_tests
from designer.checking import errors_of, problems_of
from designer.models import Draft, Version
from designer.releasing import release_body
from ipaas.core import clock
from ipaas.core.errors import Unprocessable
from ipaas.tenancy import facade as tenancy
from runtime import facade as runtime
from runtime.graph import Problem


class NotPublishable(Unprocessable):
    """The flow has problems that would make it fail."""

    code = "flow.not_publishable"


def require_runnable(
    workspace_id: str, environment: str, document: dict[str, Any]
) -> list[Problem]:
    """Warnings of a flow without errors; raises NotPublishable with all problems otherwise."""
    found = problems_of(workspace_id, environment, document)
    errors = errors_of(found)
    if errors:
        count = "One problem stands" if len(errors) == 1 else f"{len(errors)} problems stand"
        raise NotPublishable(
            f"{count} in the way: {errors[0].message}",
            hint=errors[0].hint,
            problems=[problem.as_json() for problem in found],
        )
    return found


def _require_tested(workspace_id: str, flow_id: str, environment: str) -> list[Problem]:
    """Warnings of the flow's mapping tests; raises NotPublishable if one that blocks fails."""
    found = mapping_tests.publish_problems(workspace_id, flow_id, environment)
    errors = errors_of(found)
    if errors:
        raise NotPublishable(
            errors[0].message,
            hint=errors[0].hint,
            problems=[problem.as_json() for problem in found],
        )
    return found


def _require_shared(
    workspace_id: str, environment: str, document: dict[str, Any], user: Any
) -> None:
    """Raise ConnectionNotShared if the person may not use all connections of the flow."""
    connectors.require_use(
        workspace_id,
        environment,
        flows.connections_of(document),
        role=tenancy.role_of(workspace_id, user),
        user_id=user.pk,
    )


def publish(
    workspace_id: str, flow_id: str, *, revision: int, environment: str, note: str, user: Any
) -> tuple[int, list[Problem]]:
    """Number of the new version, live in ``environment``, and its warnings.

    Raises StaleDraft if the draft was saved since ``revision``, NotPublishable with all problems.
    """
    flow = flows.get(workspace_id, flow_id)
    draft = flow.draft
    if draft.revision != revision:
        raise flows.StaleDraft(
            f"{flows.name_of(draft.updated_by)} has saved this flow in the meantime.",
            hint="Look at the newer draft before you publish.",
            current={"revision": draft.revision, "updated_by": flows.name_of(draft.updated_by)},
        )
    _require_shared(workspace_id, environment, draft.document, user)
    warnings = require_runnable(workspace_id, environment, draft.document)
    warnings += drift.warnings(workspace_id, environment, flow_id, draft.document)
    warnings += _require_tested(workspace_id, flow_id, environment)
    body = release_body(workspace_id, environment, draft.document)
    with transaction.atomic():
        Draft.objects.select_for_update().get(flow_id=flow.id)  # one publisher at a time
        newest = flow.versions.aggregate(newest=Max("number"))["newest"] or 0
        release_id = runtime.create_release(
            workspace_id,
            environment,
            flow_id=flow.id,
            flow_name=flow.name,
            version=newest + 1,
            body=body,
        )
        Version.objects.create(
            flow=flow,
            number=newest + 1,
            document=draft.document,
            note=note,
            environment=environment,
            release_id=release_id,
            published_at=clock.now(),
            published_by=user,
        )
        runtime.deploy(workspace_id, environment, flow_id=flow.id, release_id=release_id)
        drift.accept(workspace_id, environment, flow_id, draft.document)
    return newest + 1, warnings


def set_active(
    workspace_id: str, environment: str, flow_id: str, active: bool, *, user: Any
) -> runtime.DeploymentInfo:
    """Let a live flow take events, or stop taking them; runs under way go on either way.

    Raises ConnectionNotShared if who switches it on may not use all its connections.
    """
    flow = flows.get(workspace_id, flow_id)
    live = runtime.set_active(workspace_id, environment, flow_id, active)
    version = flow.versions.filter(release_id=live.release_id).first()
    if active and version is not None:
        _require_shared(workspace_id, environment, version.document, user)
    return live


def draft_body(
    workspace_id: str, environment: str, flow_id: str, user: Any
) -> tuple[str, dict[str, Any]]:
    """Name of a flow, and what a release of it as it is drawn now holds, for retries.

    Raises what forbids the person to run it.
    """
    flow = flows.get(workspace_id, flow_id)
    document = flow.draft.document
    _require_shared(workspace_id, environment, document, user)
    require_runnable(workspace_id, environment, document)
    return flow.name, release_body(workspace_id, environment, document)


def test_run(
    workspace_id: str,
    flow_id: str,
    *,
    environment: str,
    document: Any,
    sample: Any,
    title: str,
    user: Any,
) -> str:
    """Id of a run of ``document`` as it is drawn, with ``sample`` as its trigger.

    Raises ConnectionNotShared if the person may not use a connection that it names.
    """
    flow = flows.get(workspace_id, flow_id)
    _require_shared(workspace_id, environment, document, user)
    require_runnable(workspace_id, environment, document)
    release_id = runtime.create_release(
        workspace_id,
        environment,
        flow_id=flow.id,
        flow_name=flow.name,
        version=0,
        body=release_body(workspace_id, environment, document),
    )
    return runtime.start_run(workspace_id, release_id, sample, kind="test", business_key=title)

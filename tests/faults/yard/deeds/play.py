"""What plays are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client

from ipaas.core import jsonio
from runtime import pausing
from runtime.effects.hands import Worker
from runtime.models import Deployment, Release
from tests.faults.yard.scene import Scene

Given = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Deed:
    """One play; ``do`` gets the workspace's ``id``, ``slug``, ``owner``, and what was prepared."""

    name: str
    prepare: Callable[[Scene], Given]
    do: Callable[[Given], Any]
    check: Callable[[Scene, Given], bool]


DEEDS: dict[str, Deed] = {}


def deed(prepare: Callable[[Scene], Given], check: Callable[[Scene, Given], bool]) -> Any:
    """The decorated function is what is done."""

    def decorate(do: Callable[[Given], Any]) -> Callable[[Given], Any]:
        name = do.__name__
        DEEDS[name] = Deed(name, prepare, do, check)
        return do

    return decorate


def ask(given: Given, method: str, address: str, body: Any = None) -> Any:
    """A request of the workspace's owner; what was done before may be refused, nothing may fail."""
    client = Client()
    client.force_login(get_user_model().objects.get(username=given["owner"]))
    answer = client.generic(
        method,
        f"/api/v1/w/{given['slug']}/{address}",
        data=jsonio.dumps({} if body is None else body),
        content_type="application/json",
    )
    assert answer.status_code < 500 and answer.status_code not in (400, 403, 404), answer.content
    return answer


def work() -> None:
    """Carry what is due, as a worker does."""
    worker = Worker("deeds", calls_at_once=4)
    while worker.work_once(32):
        pass
    worker.close()


def one_paper(it: Scene, given: Given) -> bool:
    pausing.forget()  # what another process paused or let go is seen within a moment
    it.play()
    return it.papers("p") == 1 and set(it.statuses()) == {"succeeded"}


def posting(how: str, **trigger: Any) -> Callable[[Scene], Given]:
    def prepare(it: Scene) -> Given:
        it.publish_post(how, **trigger)
        return {"token": Deployment.objects.get(flow_id="f").hook_token}

    return prepare


def brought(how: str, *names: str, **trigger: Any) -> Callable[[Scene], Given]:
    def prepare(it: Scene) -> Given:
        given = posting(how, **trigger)(it)
        return {**given, "runs": [run for name in names for run in it.bring(name, line="k")]}

    return prepare


def place_of(it: Scene) -> Given:
    stage = it.stage
    return {"id": stage.workspace_id, "slug": stage.slug, "owner": stage.owner.get_username()}


def done(it: Scene) -> Given:
    it.publish_post("post_keyed")
    (run,) = it.bring("p")
    it.play()
    return {"run": run}


def published(it: Scene) -> Given:
    it.publish_post("post_keyed")
    return {"release": Release.objects.get(flow_id="f").id}


def brings(it: Scene, given: Given) -> bool:
    it.bring("p")
    return one_paper(it, given)

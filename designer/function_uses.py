"""Which mappings call a function of the workspace, and whether a new version still suits them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from designer.models import Flow, MappingTemplate, OwnFunction
from designer.own_functions import FunctionNotFound, FunctionRefused
from ipaas.core.errors import Unprocessable
from ipaas.mapping import parse_function
from ipaas.mapping.model import UserFunction

MOST_NAMED = 50


class CallersLeft(Unprocessable):
    """Mappings call the function with fewer or more values than its new version takes."""

    code = "own_function.callers"


@dataclass(frozen=True, slots=True)
class Caller:
    """A place that calls a function, and with how many values.

    ``kind`` says what ``id`` is of: a flow (then with its step and the rule's target), a template
    or another function.
    """

    kind: str
    id: str
    name: str
    values: int
    node_id: str = ""
    step: str = ""
    target: str = ""

    @property
    def told(self) -> str:
        """The place in words."""
        inside = " / ".join(part for part in (self.step, self.target) if part)
        return f"{self.name}: {inside}" if inside else self.name

    def as_json(self) -> dict[str, Any]:
        """Shape shown by the API."""
        return asdict(self)


def require_suited(workspace_id: str, function_id: str, function: Any) -> None:
    """Raise CallersLeft if the new version does not take what drafts, templates and functions give.

    Releases hold their copy and go on. Raises FunctionRefused if arguments change places, as calls
    would then hand in one for the other and nobody would see it.
    """
    row = OwnFunction.objects.filter(id=function_id, workspace_id=workspace_id).first()
    if row is None:
        raise FunctionNotFound(
            "There is no such function in this workspace.", hint="Open it from the list."
        )
    newest = row.versions.order_by("-number").first()
    after = parse_function(function)
    if newest is not None:
        _require_places(parse_function(newest.document), after)
    unsuited = [
        caller
        for caller in callers(workspace_id, row.name)
        if not after.least <= caller.values <= len(after.params)
    ]
    if not unsuited:
        return
    few = any(caller.values < after.least for caller in unsuited)
    told = "; ".join(caller.told for caller in unsuited[:3])
    more = f" and {len(unsuited) - 3} more" if len(unsuited) > 3 else ""
    raise CallersLeft(
        f"“{row.title}” is called with too {'few' if few else 'many'} values by {told}{more}.",
        hint="Give the new argument a default, or save it all the same and fill it in there."
        if few
        else "Keep the argument, or save it all the same and take the value out there.",
        callers=[caller.as_json() for caller in unsuited[:MOST_NAMED]],
        count=len(unsuited),
    )


def _require_places(before: UserFunction, after: UserFunction) -> None:
    places = {param.name: at for at, param in enumerate(before.params)}
    for at, param in enumerate(after.params):
        if places.get(param.name, at) != at:
            raise FunctionRefused(
                f"The argument “{param.name}” would be in another place than before.",
                hint="Arguments that are there keep their places; new ones come after them.",
            )


def callers(workspace_id: str, name: str) -> Iterator[Caller]:
    """Every call of a function in drafts of flows, newest templates and newest functions."""
    flows = Flow.objects.filter(workspace_id=workspace_id, archived_at=None)
    for flow in flows.select_related("draft").order_by("name", "id").iterator(chunk_size=50):
        for node in flow.draft.document.get("nodes") or ():
            for target, values in _calls(node.get("config"), name):
                node_id = str(node.get("id"))
                step = str(node.get("name") or node_id)
                yield Caller("flow", flow.id, flow.name, values, node_id, step, target)
    templates = MappingTemplate.objects.filter(workspace_id=workspace_id, source="")
    for template in templates.order_by("name").iterator(chunk_size=50):
        version = template.versions.order_by("-number").first()
        for target, values in _calls(version.document if version else None, name):
            yield Caller("template", template.id, template.name, values, target=target)
    others = OwnFunction.objects.filter(workspace_id=workspace_id).exclude(name=name)
    for other in others.order_by("name").iterator(chunk_size=50):
        version = other.versions.order_by("-number").first()
        for _, values in _calls(version.document if version else None, name):
            yield Caller("function", other.id, other.title, values)


def _calls(value: Any, name: str, target: str = "") -> Iterator[tuple[str, int]]:
    """Calls of a function with the target of the rule they stand in, and their number of values."""
    if isinstance(value, list):
        for item in value:
            yield from _calls(item, name, target)
    elif isinstance(value, dict):
        own = value.get("functions")
        if isinstance(own, list) and any(
            isinstance(each, dict) and each.get("name") == name for each in own
        ):
            return  # it brings a function of that name of its own
        if value.get("op") == "const":
            return
        if value.get("op") == "call" and value.get("fn") == name:
            yield target, len(value.get("args") or ())
        if isinstance(value.get("target"), str):
            target = value["target"]
        for inner in value.values():
            yield from _calls(inner, name, target)

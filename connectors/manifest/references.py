"""What a schema cannot see: names in a manifest that lead nowhere, and rules between its parts."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any

from connectors.auth import spec as auth_spec
from connectors.manifest.source import Fault, Path

Names = set[str] | None
_BRACES = re.compile(r"\{([^{}]*)\}")
_SAY = {"message", "detail", "code", "name"}
_PLACES = ("inputs.", "settings.", "env.", "item.", "output.", "secrets.")


def faults(data: dict[str, Any], *, hooks: set[str] | None) -> list[Fault]:
    """Every reference that leads nowhere; ``hooks`` are the functions there are, None: no code."""
    return list(_References(data, hooks).all())


class _References:
    def __init__(self, data: dict[str, Any], hooks: set[str] | None) -> None:
        self.data = data
        self.hooks = hooks
        self.operations: dict[str, Any] = data["operations"]
        auths = data["auth"] if isinstance(data["auth"], list) else [data["auth"]]
        self.secrets = {field.name for entry in auths for field in auth_spec.read(entry).fields}
        self.settings = {entry["name"] for entry in data.get("settings", ())}
        environments = data.get("environments", {})
        self.env = {"base_url", *(name for entry in environments.values() for name in entry)}
        if environments:
            self.settings |= {"base_url", "vendor_environment"}

    def all(self) -> Iterator[Fault]:
        data = self.data
        yield from self._texts(("base_url",), data["base_url"], set())
        for part in ("headers", "query"):
            yield from self._texts((part,), data.get(part, {}), set())
        if "error_reader" in data and "error_fields" in data:
            yield Fault(
                ("error_fields",), "“error_reader” reads errors already.", "Keep one of the two."
            )
        yield from self._hook(("error_reader",), data.get("error_reader"))
        for number, rule in enumerate(data.get("errors", ())):
            yield from self._say(("errors", number, "say"), rule.get("say", ""))
        for name, operation in self.operations.items():
            yield from self._operation(("operations", name), operation)
        for entity, entry in data.get("find_or_create", {}).items():
            here: Path = ("find_or_create", entity)
            yield from self._action((*here, "find"), entry["find"], "read")
            yield from self._action((*here, "create"), entry["create"], "write")
        yield from self._webhook(data.get("webhook"))
        for name, entry in data.get("options", {}).items():
            yield from self._hook(("options", name, "hook"), entry.get("hook"))
            if "operation" in entry:
                yield from self._action(("options", name, "operation"), entry["operation"], "read")
        for number, entry in enumerate(data.get("custom_fields", ())):
            yield from self._hook(("custom_fields", number, "hook"), entry.get("hook"))
            if "operation" in entry:
                place: Path = ("custom_fields", number, "operation")
                yield from self._action(place, entry["operation"], "read")
            for index, name in enumerate(entry["operations"]):
                if name not in self.operations:
                    yield self._unknown(("custom_fields", number, "operations", index), name)
        if "test" in data:
            yield from self._action(("test", "operation"), data["test"]["operation"], "read")
        yield from self._environments(data)

    def _environments(self, data: dict[str, Any]) -> Iterator[Fault]:
        used = "{env." in str(data)
        if used and not data.get("environments"):
            yield Fault(
                ("base_url",),
                "“{env.…}” is used, but there are no environments.",
                "Add “environments:” with the vendor's production and test addresses.",
            )
        if data.get("environments") and not used:
            yield Fault(
                ("environments",), "Nothing uses them.", "Begin base_url with “{env.base_url}”."
            )

    def _operation(self, path: Path, operation: dict[str, Any]) -> Iterator[Fault]:
        inputs = _names(operation.get("input"))
        for key in ("hook", "query_hook"):
            yield from self._hook((*path, key), operation.get(key))
        if operation["kind"] == "trigger":
            yield from self._trigger(path, operation)
            return
        if "request" in operation:
            yield from self._request((*path, "request"), operation["request"], inputs)
        if operation["effect"] == "write":
            yield from self._write(path, operation)
        else:
            for key in ("idempotency", "lookup", "repeats"):
                if key in operation:
                    yield Fault(
                        (*path, key),
                        f"“{key}” belongs to writes.",
                        "Remove it, or say effect: write.",
                    )
        yield from self._lookup(path, operation, inputs)
        yield from self._paging(path, operation)
        batch = operation.get("batch", {})
        yield from self._hook((*path, "batch", "hook"), batch.get("hook"))
        under = batch.get("under")
        if under and not self.operations.get(under, {}).get("limits"):
            yield Fault(
                (*path, "batch", "under"),
                f"There is no operation “{under}” with limits of its own.",
                "Name the operation that has the vendor's limit of such requests.",
            )
        if batch.get("request"):
            yield from self._request((*path, "batch", "request"), batch["request"], inputs)

    def _write(self, path: Path, operation: dict[str, Any]) -> Iterator[Fault]:
        if operation.get("request", {}).get("method") == "GET":
            yield Fault(
                (*path, "request", "method"),
                "A write is sent with GET.",
                "GET never changes anything: use another method, or say effect: read.",
            )
        if "idempotency" not in operation and "lookup" not in operation:
            yield Fault(
                path,
                "Nothing keeps this write from happening twice.",
                "Give “idempotency” (the vendor honours a key), “lookup” (it can be searched for), "
                "or “idempotency: none” if there is truly no way: then a person decides.",
            )

    def _lookup(self, path: Path, operation: dict[str, Any], inputs: Names) -> Iterator[Fault]:
        lookup = operation.get("lookup")
        if not lookup:
            return
        here = (*path, "lookup")
        yield from self._action((*here, "operation"), lookup["operation"], "read")
        yield from self._hook((*here, "same"), lookup.get("same"))
        searched = self.operations.get(lookup["operation"])
        taken = _names(searched.get("input")) if searched else None
        for name, pointer in lookup["inputs"].items():
            if taken is not None and name not in taken:
                yield _no_input((*here, "inputs", name), name, taken)
            first = pointer.split("/")[1] if "/" in pointer else ""
            if inputs is not None and first and first not in inputs:
                yield _no_input((*here, "inputs", name), first, inputs)

    def _paging(self, path: Path, operation: dict[str, Any]) -> Iterator[Fault]:
        paging = operation.get("paging")
        if not paging:
            return
        yield from self._hook((*path, "paging", "hook"), paging.get("hook"))
        if "request" not in operation or operation["effect"] == "write":
            yield Fault(
                (*path, "paging"), "Only a read with a request has pages.", "Remove “paging”."
            )

    def _trigger(self, path: Path, operation: dict[str, Any]) -> Iterator[Fault]:
        if "topics" in operation and not self.data.get("webhook"):
            yield Fault(
                (*path, "topics"),
                "Messages are expected, but there is no “webhook”.",
                "Add “webhook” with its signature and events, or use “poll”.",
            )
        poll = operation.get("poll", {})
        for key in ("hook", "event"):
            yield from self._hook((*path, "poll", key), poll.get(key))
        if "operation" not in poll:
            return
        yield from self._action((*path, "poll", "operation"), poll["operation"], "read")
        asked = self.operations.get(poll["operation"])
        taken = _names(asked.get("input")) if asked else None
        for key in ("since", "until", "cursor"):
            if key in poll and taken is not None and poll[key] not in taken:
                yield _no_input((*path, "poll", key), poll[key], taken)
        if "event" not in poll and not (poll.get("id") or operation.get("reference")):
            yield Fault((*path, "poll"), "The id of a polled record is not named.", "Add “id: /…”.")

    def _webhook(self, webhook: dict[str, Any] | None) -> Iterator[Fault]:
        if not webhook:
            return
        if isinstance(webhook["events"], str):
            yield from self._hook(("webhook", "events"), webhook["events"])
        signature = webhook["signature"]
        yield from self._secret(("webhook", "signature", "secret"), signature["secret"])
        for number, other in enumerate(webhook.get("also", ())):
            yield from self._secret(("webhook", "also", number, "secret"), other["secret"])
        if "{timestamp}" in signature.get("signed", "") and "timestamp_header" not in signature:
            yield Fault(
                ("webhook", "signature", "signed"),
                "“{timestamp}” is signed, but no header brings it.",
                "Add “timestamp_header”.",
            )
        if "token" in webhook.get("handshake", {}):
            yield from self._secret(
                ("webhook", "handshake", "token"), webhook["handshake"]["token"]
            )

    def _secret(self, path: Path, name: str) -> Iterator[Fault]:
        if name not in self.secrets:
            yield Fault(
                path,
                f"There is no secret “{name}”.",
                f"Add it to auth/fields. There are: {', '.join(sorted(self.secrets)) or 'none'}.",
            )

    def _request(self, path: Path, request: dict[str, Any], inputs: Names) -> Iterator[Fault]:
        for key in ("path", "query", "headers", "body", "form", "multipart", "xml", "raw"):
            yield from self._texts((*path, key), request.get(key), inputs)

    def _texts(self, path: Path, value: Any, inputs: Names) -> Iterator[Fault]:
        if isinstance(value, dict):
            for name, part in value.items():
                yield from self._texts((*path, name), part, inputs)
        elif isinstance(value, list):
            for number, part in enumerate(value):
                yield from self._texts((*path, number), part, inputs)
        elif isinstance(value, str):
            if value.startswith(("$inputs.", "$settings.", "$item.")):
                yield from self._place(path, value[1:], inputs)
            for place in _BRACES.findall(value):
                yield from self._place(path, place, inputs)

    def _place(self, path: Path, place: str, inputs: Names) -> Iterator[Fault]:
        if place in ("account", "batch_key"):
            return
        source, _, name = place.partition(".")
        first = name.split(".")[0]
        known = {"inputs": inputs, "settings": self.settings, "env": self.env, "item": None}
        if source not in known or not name:
            yield Fault(
                path,
                f"“{{{place}}}” is no place that can be filled.",
                "There are {inputs.…}, {settings.…}, {env.…} and {account}.",
            )
        elif (names := known[source]) is not None and first not in names:
            if source == "inputs":
                yield _no_input(path, first, names)
            else:
                yield Fault(
                    path,
                    f"There is no “{first}” in {source}.",
                    f"There are: {', '.join(sorted(names)) or 'none'}.",
                )

    def _say(self, path: Path, text: str) -> Iterator[Fault]:
        for place in _BRACES.findall(text):
            if place not in _SAY:
                yield Fault(
                    path,
                    f"“{{{place}}}” cannot stand in a sentence.",
                    "There are {message}, {detail}, {code} and {name}.",
                )

    def _action(self, path: Path, name: str, effect: str) -> Iterator[Fault]:
        operation = self.operations.get(name)
        if operation is None or operation.get("kind") != "action":
            yield self._unknown(path, name)
        elif operation.get("effect") != effect:
            yield Fault(
                path,
                f"“{name}” is a {operation.get('effect')}; a {effect} is needed here.",
                f"Name an action with effect: {effect}.",
            )

    def _unknown(self, path: Path, name: str) -> Fault:
        actions = [key for key, value in self.operations.items() if value.get("kind") == "action"]
        near = difflib.get_close_matches(name, actions, n=1, cutoff=0.5)
        hint = f"Did you mean “{near[0]}”?" if near else f"There are: {', '.join(sorted(actions))}."
        return Fault(path, f"There is no action “{name}”.", hint)

    def _hook(self, path: Path, name: str | None) -> Iterator[Fault]:
        if not name:
            return
        if self.hooks is None:
            yield Fault(
                path,
                f"“{name}” would be a function of hooks.py, and there is none.",
                "Add hooks.py, or say it by data.",
            )
        elif name not in self.hooks:
            near = difflib.get_close_matches(name, sorted(self.hooks), n=1, cutoff=0.6)
            hint = f"Did you mean “{near[0]}”?" if near else f"Write “def {name}(…)” there."
            yield Fault(path, f"hooks.py has no function “{name}”.", hint)


def _names(schema: Any) -> set[str] | None:
    """Members an input schema knows; None if it stands in a file or takes anything."""
    if schema is None:
        return set()
    if not isinstance(schema, dict) or "properties" not in schema:
        return None
    return set(schema["properties"])


def _no_input(path: Path, name: str, known: set[str]) -> Fault:
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.5)
    hint = f"Did you mean “{near[0]}”?" if near else ""
    listed = f"There are: {', '.join(sorted(known))}." if known else "Describe it under “input”."
    return Fault(path, f"There is no input “{name}”.", hint or listed)

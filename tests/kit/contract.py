"""The API's description as a contract: every exchange of the tests must be found in it."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from django.conf import settings
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

PRODUCT = "ipaas.urls"
PROBLEM = "application/problem+json"


def described() -> dict[str, Any]:
    """The description that the code gives now."""
    document: dict[str, Any] = SchemaGenerator(urlconf=PRODUCT).get_schema(
        request=None, public=True
    )
    return document


@cache
def _paths() -> tuple[dict[str, Any], list[tuple[re.Pattern[str], dict[str, Any]]]]:
    description = described()
    # Addresses with fewer holes first, as Django tries them.
    templates = sorted(description["paths"], key=lambda path: path.count("{"))
    return description["components"], [
        (re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), description["paths"][path])
        for path in templates
    ]


def check(
    method: str, path: str, query: list[str], body: Any, status: int, content_type: str, answer: Any
) -> None:
    """Fail unless the description foresees this exchange; ``answer`` is its JSON document."""
    if settings.ROOT_URLCONF != PRODUCT:
        return  # a test with addresses of its own
    components, paths = _paths()
    methods = next((found for pattern, found in paths if pattern.fullmatch(path)), {})
    operation = methods.get(method.lower())
    if operation is None:
        assert status >= 400 or path.endswith("/openapi.json") or not path.startswith("/api/"), (
            f"{method} {path} answered {status}, and the API's description does not know it"
        )
        return
    name = operation["operationId"]
    if status >= 400:
        assert content_type == PROBLEM, f"{name} answered {status} with {content_type}"
        schema = operation["responses"]["default"]["content"][PROBLEM]["schema"]
        _validate(f"{name}: problem", schema, components, answer)
        return
    known = {entry["name"] for entry in operation.get("parameters", ()) if entry["in"] == "query"}
    assert set(query) <= known, f"{name} does not describe {set(query) - known}"
    assert str(status) in operation["responses"], f"{name} does not describe status {status}"
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        _validate(f"{name}: body", schema, components, body)
    else:
        assert not body, f"{name} does not describe a body"


def _validate(what: str, schema: Any, components: Any, document: Any) -> None:
    whole = {**schema, "components": components}
    found = [
        f"{e.json_path} {e.message}" for e in Draft202012Validator(whole).iter_errors(document)
    ]
    assert found == [], f"{what} is not as described: {found}"

"""A manifest is drafted from an OpenAPI document, whatever its author had in mind."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from connectors.manifest.load import read_manifest
from connectors.own import openapi, uploads
from connectors.own.drafting import Drafted, draft
from ipaas.core.errors import IpaasError
from tests.kit.cast import ApiClient

SHOP: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Pet Shop", "version": "1.2", "description": "Pets\nof all kinds."},
    "servers": [{"url": "https://pets.example/v1/"}],
    "components": {
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
        "parameters": {
            "Id": {"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}}
        },
        "schemas": {
            "Pet": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "example": "Rex", "pattern": "(a+)+$"},
                    "price": {"type": "number", "nullable": True, "minimum": 0.5},
                    "mother": {"$ref": "#/components/schemas/Pet"},
                    "kind": {"$ref": "#/components/schemas/Kind"},
                },
            },
            "Kind": {"type": "string", "enum": ["dog", "cat"]},
            "Unused": {"type": "object"},
        },
    },
    "paths": {
        "/pets": {
            "get": {
                "operationId": "listPets",
                "summary": "List pets",
                "tags": ["Pet"],
                "parameters": [
                    {"name": "filter[kind]", "in": "query", "schema": {"type": "string"}}
                ],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "array",
                                    "items": {"$ref": "#/components/schemas/Pet"},
                                }
                            }
                        }
                    }
                },
            },
            "post": {
                "operationId": "createPet",
                "parameters": [
                    {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}
                    },
                },
                "responses": {
                    "201": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}
                        }
                    }
                },
            },
        },
        "/pets/{petId}/photo": {
            "parameters": [{"$ref": "#/components/parameters/Id"}],
            "get": {"operationId": "photo", "responses": {"200": {"content": {"image/png": {}}}}},
            "delete": {"responses": {"204": {}}},
        },
    },
}


def drafted(document: Any = SHOP, *names: str) -> Drafted:
    chosen = list(names) or ["listPets", "createPet", "photo", "delete /pets/{petId}/photo"]
    return draft(json.dumps(document), slug="pets", operations=chosen)


def changed(**parts: Any) -> dict[str, Any]:
    return {**json.loads(json.dumps(SHOP)), **parts}


def test_without_a_choice_the_operations_are_listed() -> None:
    found = draft(json.dumps(SHOP))
    assert found.manifest == ""
    assert [(each["id"], each["effect"]) for each in found.operations] == [
        ("listPets", "read"),
        ("createPet", "write"),
        ("photo", "read"),
        ("delete /pets/{petId}/photo", "write"),
    ]


def test_the_draft_is_a_manifest_that_can_be_uploaded_as_it_is() -> None:
    found = drafted()
    assert found.problems == ()
    manifest = read_manifest(found.manifest, uploads.NO_FOLDER, hooks=None)
    assert (manifest.auth.kind, manifest.auth.header) == ("api_key", "X-Key")
    assert manifest.settings[0].default == "https://pets.example/v1"
    operations = manifest.operations
    assert operations["list_pets"].request.query == {"filter[kind]": "$inputs.filter_kind"}
    assert operations["create_pet"].idempotency.name == "Idempotency-Key"
    assert operations["photo"].reply == "file"
    assert operations["photo"].request.path == "/pets/{inputs.pet_id}/photo"
    assert operations["delete_pets_pet_id_photo"].may_double
    assert any("delete_pets_pet_id_photo" in note for note in found.notes)


def test_schemas_come_along_as_far_as_they_are_used() -> None:
    manifest = yaml.safe_load(drafted(SHOP, "createPet").manifest)
    assert set(manifest["schemas"]) == {"Pet", "Kind"}
    pet = manifest["schemas"]["Pet"]["properties"]
    assert pet["mother"] == {"$ref": "schemas/Pet.json"}
    assert pet["price"] == {"type": ["number", "null"], "minimum": 0.5}
    assert pet["name"] == {"type": "string"}  # a vendor's pattern is not run here


def test_a_yaml_document_gives_the_same_draft() -> None:
    assert (
        draft(yaml.safe_dump(SHOP), slug="pets", operations=["photo"]).manifest
        == drafted(SHOP, "photo").manifest
    )


REF = {"200": {"content": {"application/json": {"schema": {"$ref": ""}}}}}


def with_ref(reference: Any) -> dict[str, Any]:
    document = changed()
    document["paths"]["/pets"]["get"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ] = {"$ref": reference}
    return document


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (with_ref("https://evil.example/schema.json"), "another document"),
        (with_ref("file:///etc/passwd"), "another document"),
        (with_ref("../../settings.json#/x"), "another document"),
        (with_ref("#/components/schemas/Nothing"), "not in the document"),
        ({"swagger": "2.0", "paths": {}}, "Only OpenAPI 3"),
        ({"openapi": "3.1.0"}, "no “paths”"),
        ([1, 2], "no “paths”"),
    ],
)
def test_a_document_that_reaches_out_or_is_none_is_refused_in_a_sentence(
    document: Any, words: str
) -> None:
    with pytest.raises(IpaasError) as caught:
        drafted(document, "listPets")
    assert words in caught.value.message and caught.value.hint


def test_references_that_go_round_end() -> None:
    document = changed()
    document["components"]["parameters"] = {
        "A": {"$ref": "#/components/parameters/B"},
        "B": {"$ref": "#/components/parameters/A"},
    }
    document["paths"]["/pets"]["get"]["parameters"] = [{"$ref": "#/components/parameters/A"}]
    with pytest.raises(openapi.OpenApiInvalid, match="circle"):
        drafted(document, "listPets")


def test_a_small_text_that_unfolds_without_end_is_refused() -> None:
    layers = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    layers += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(openapi.OpenApiTooLarge):
        draft("openapi: 3.0.0\npaths: {}\n" + "\n".join(layers))
    with pytest.raises(openapi.OpenApiTooLarge):
        draft("openapi: 3.0.0\npaths: &p {/a: *p}")


def test_a_huge_document_is_refused_unread() -> None:
    with pytest.raises(openapi.OpenApiTooLarge):
        draft(" " * (openapi.MOST_BYTES + 1))


def test_a_schema_nested_beyond_reason_is_cut_off() -> None:
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(70):
        deep = {"type": "array", "items": deep}
    document = changed()
    document["components"]["schemas"]["Kind"] = deep
    assert drafted(document, "createPet").problems == ()


def test_python_objects_in_yaml_are_refused() -> None:
    with pytest.raises(openapi.OpenApiInvalid):
        draft("openapi: !!python/object/apply:os.system [true]\npaths: {}")


def test_an_unknown_operation_is_named() -> None:
    with pytest.raises(openapi.OpenApiInvalid, match="no operation “nothing”"):
        drafted(SHOP, "nothing")


def test_a_draft_over_the_api_is_not_kept(alice: ApiClient) -> None:
    own = "/api/v1/w/north/own-connectors"
    body = {"document": json.dumps(SHOP), "slug": "pets", "operations": ["listPets"]}
    answer = alice.post(f"{own}/draft", body)
    assert answer.status == 200 and answer.json["problems"] == []
    assert alice.get(own).json["items"] == []
    assert alice.post(own, {"manifest": answer.json["manifest"]}).status == 201

"""Templates and connectors' mappings, laid in, changed and brought up to date, over the API."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from designer import flows, mapping_tests, templates
from designer.blueprints.loading import flow_document
from designer.models import MappingTemplate
from designer.publish import NotPublishable, publish
from ipaas.mapping.insertions import lay_in
from ipaas.mapping.model import Insertion
from tests.kit.cast import ApiClient, Cast
from tests.mapping.builders import const, field, mapping, rule

pytestmark = pytest.mark.django_db

BASE = mapping(rule("r1", "a", "trigger.a"), rule("r2", "b", const("30")))


def made(cast: Cast, document: dict[str, Any] = BASE, name: str = "T") -> str:
    found = templates.create(
        cast.north.id, name=name, description="", mapping=document, user=cast.alice
    )
    return str(found["id"])


def with_value(document: dict[str, Any], target: str, value: Any) -> dict[str, Any]:
    rules = [{**r, "expr": const(value)} if r.get("target") == target else r
             for r in document["rules"]]  # fmt: skip
    return {**document, "rules": rules}


def values(document: dict[str, Any]) -> dict[str, Any]:
    return {r["target"]: r["expr"].get("value", r["expr"].get("path")) for r in document["rules"]}


def test_a_template_in_a_filled_mapping_is_brought_up_with_what_people_changed(cast: Cast) -> None:
    alice, url = ApiClient(cast.alice), f"/api/v1/w/{cast.north.slug}/mapping-templates"
    template = made(cast)
    own = mapping(rule("r1", "mine", const(1)))
    laid = alice.post(f"{url}/{template}/insert", {"mapping": own, "reads": {"trigger": "vars"}})
    assert (laid.json["added"], laid.json["skipped"]) == (2, 0)
    mine = with_value(laid.json["mapping"], "b", "60")
    assert values(mine) == {"mine": 1, "a": "vars.a", "b": "60"}
    newer = mapping(rule("r1", "a", "trigger.other"), rule("r2", "b", const("14")))
    saved = {"mapping": newer, "note": "Terms are 14 days."}
    assert alice.put(f"{url}/{template}", saved).json["version"] == 2
    plan = alice.post(f"{url}/{template}/merge", {"mapping": mine}).json
    assert (plan["from_version"], plan["version"]) == (1, 2)
    assert plan["notes"] == [{"number": 2, "note": "Terms are 14 days."}]
    assert [(one["kind"], one["target"], one["taken"]) for one in plan["changes"]] == [
        ("changed", "a", True), ("conflict", "b", False),
    ]  # fmt: skip
    assert values(plan["mapping"]) == {"mine": 1, "a": "vars.other", "b": "60"}
    body = {"mapping": mine, "insertion": mine["insertions"][0]["id"],
            "choices": {"rule:r2": True, "rule:r1": False}}  # fmt: skip
    chosen = alice.post(f"{url}/{template}/merge", body).json["mapping"]
    assert values(chosen) == {"mine": 1, "a": "vars.a", "b": "14"}
    assert alice.post(f"{url}/{template}/merge", {"mapping": chosen}).json["changes"] == []
    refused = alice.post(f"{url}/{template}/merge", {"mapping": own})
    assert refused.json["code"] == "mapping_template.not_the_origin"


def test_one_template_stands_twice_in_a_mapping_and_each_is_brought_up_alone(cast: Cast) -> None:
    address = mapping(rule("r1", "bill.city", "trigger.city"))
    template = made(cast, address)
    once = templates.lay(cast.north.id, template, mapping=templates.EMPTY)["mapping"]
    place = {"from": "bill", "to": "ship"}
    twice = templates.lay(cast.north.id, template, mapping=once, place=place)["mapping"]
    assert values(twice) == {"bill.city": "trigger.city", "ship.city": "trigger.city"}
    newer = mapping(rule("r1", "bill.city", "trigger.town"))
    templates.add_version(cast.north.id, template, mapping=newer, note="", user=cast.alice)
    _, second = (one["id"] for one in twice["insertions"])
    up = templates.bring_up(cast.north.id, template, mapping=twice, insertion=second)["mapping"]
    assert values(up) == {"bill.city": "trigger.city", "ship.city": "trigger.town"}
    assert [one["version"] for one in up["insertions"]] == [1, 2]


def test_a_mapping_improved_where_it_was_laid_in_becomes_the_templates_new_version(
    cast: Cast,
) -> None:
    template = made(cast)
    other = templates.lay(cast.north.id, template, mapping=templates.EMPTY)["mapping"]
    own = mapping(rule("r1", "own", const(1)))
    mine = templates.lay(cast.north.id, template, mapping=own, reads={"trigger": "steps.order"})
    improved = with_value(mine["mapping"], "b", "14")
    improved = {**improved, "rules": improved["rules"][1:]}
    templates.add_version(cast.north.id, template, mapping=improved, note="", user=cast.alice)
    plan = templates.bring_up(cast.north.id, template, mapping=other)
    assert [(one["kind"], one["target"]) for one in plan["changes"]] == [("changed", "b")]
    assert values(plan["mapping"]) == {"a": "trigger.a", "b": "14"}


def test_a_connectors_mapping_is_followed_when_the_connector_ships_a_new_one(cast: Cast) -> None:
    alice, url = ApiClient(cast.alice), f"/api/v1/w/{cast.north.slug}/mapping-templates"
    name = "magento.customer_to_party"
    own = mapping(rule("r1", "own", const(1)))
    mine = alice.post(f"{url}/{name}/insert", {"mapping": own}).json["mapping"]
    (insertion,) = mine["insertions"]

    def offered() -> dict[str, Any]:
        listed = alice.get(url).json
        assert listed["items"] == [], "kept versions are no templates of the workspace"
        return dict(next(one for one in listed["starting_points"] if one["id"] == name))

    assert (offered()["template"], offered()["version"]) == (insertion["template"], 1)
    # The mapping was made when an older connector was here: a rule less, others than today's, and
    # other ids.
    kept = MappingTemplate.objects.get(id=insertion["template"]).versions.get()
    shipped, older = kept.document, copy.deepcopy(kept.document)
    plain = [n for n, r in enumerate(shipped["rules"]) if "expr" in r and "[" not in r["target"]]
    first, second, *_, last = plain
    for number in plain:
        older["rules"][number]["id"] = f"old{number}"
    for number in (first, second):
        older["rules"][number]["expr"] = const("as it was")
    gone, changed = shipped["rules"][last]["target"], shipped["rules"][second]["target"]
    del older["rules"][last]
    kept.document = older
    kept.save()
    mine = lay_in(own, older, Insertion("in_1", insertion["template"], 1)).document
    mine = with_value(mine, changed, "mine")
    assert offered()["version"] == 2
    plan = alice.post(f"{url}/{insertion['template']}/merge", {"mapping": mine}).json
    told = {one["target"]: one["kind"] for one in plan["changes"]}
    assert told[shipped["rules"][first]["target"]] == "changed"
    assert told[changed] == "conflict" and told[gone] == "added"
    after = {r["target"]: r for r in plan["mapping"]["rules"]}
    assert after[shipped["rules"][first]["target"]]["expr"] == shipped["rules"][first]["expr"]
    assert after[changed]["expr"] == const("mine") and after["own"] == own["rules"][0]
    assert plan["mapping"]["insertions"][0]["version"] == 2 and offered()["version"] == 2


def test_every_mapping_of_a_connector_is_laid_in_whole_and_has_no_news_at_first(
    cast: Cast,
) -> None:
    points = templates.starting_points()
    assert len(points) >= 30
    for point in points:
        found = templates.lay(cast.north.id, point["id"], mapping=templates.EMPTY)
        assert found["skipped"] == len(point["mapping"]["rules"]) - found["added"]
        template = found["mapping"]["insertions"][0]["template"]
        plan = templates.bring_up(cast.north.id, template, mapping=found["mapping"])
        assert plan["changes"] == [] and plan["version"] == 1, point["id"]


def test_a_ready_made_flow_follows_the_mappings_it_has_from_the_connectors(cast: Cast) -> None:
    def lay(point: str, reads: dict[str, str]) -> dict[str, Any]:
        laid = templates.lay(cast.north.id, point, mapping=templates.EMPTY, reads=reads)
        return dict(laid["mapping"])

    def configured(document: dict[str, Any]) -> list[dict[str, Any]]:
        found = [value for node in document["nodes"] for value in node["config"].values()]
        return [value for value in found if isinstance(value, dict) and "rules" in value]

    followed = 0
    for slug in ("order_to_cash_complete", "payment_to_books", "refund_to_books"):
        plain = configured(flow_document(slug))
        for mine, copied in zip(configured(flow_document(slug, lay)), plain, strict=True):
            rules = [{k: v for k, v in r.items() if k not in ("origin", "insertion")}
                     for r in mine["rules"]]  # fmt: skip
            assert rules == copied["rules"], "it says the same, and reads the same"
            for insertion in mine.get("insertions", []):
                plan = templates.bring_up(cast.north.id, insertion["template"], mapping=mine)
                assert plan["changes"] == []
                followed += 1
    assert followed >= 5


def test_versions_kept_of_a_connectors_mapping_are_nobodys_to_change(cast: Cast) -> None:
    alice, url = ApiClient(cast.alice), f"/api/v1/w/{cast.north.slug}/mapping-templates"
    laid = alice.post(f"{url}/magento.customer_to_party/insert", {"mapping": templates.EMPTY}).json
    kept = laid["mapping"]["insertions"][0]["template"]
    assert alice.put(f"{url}/{kept}", {"mapping": BASE}).status == 404
    assert alice.delete(f"{url}/{kept}").status == 404
    bob = ApiClient(cast.bob)
    theirs = f"/api/v1/w/{cast.south.slug}/mapping-templates/{kept}/merge"
    assert bob.post(theirs, {"mapping": laid["mapping"]}).status == 404


def test_a_template_may_have_the_name_of_a_connectors_mapping(cast: Cast) -> None:
    template = made(cast, name="magento.customer_to_party")
    point = templates.lay(cast.north.id, "magento.customer_to_party", mapping=templates.EMPTY)
    assert point["mapping"]["insertions"][0]["template"] != template


def test_a_new_version_that_breaks_a_test_is_told_on_saving_and_not_published(cast: Cast) -> None:
    template = made(cast)
    mine = templates.lay(cast.north.id, template, mapping=templates.EMPTY)["mapping"]
    place = {"x": 0, "y": 0}
    config = {"target": {"schema": {"type": "object", "properties": {"a": {}, "b": {}}}},
              "mapping": mine}  # fmt: skip
    nodes = [
        {"id": "start", "type": "trigger.manual", "name": "S", "config": {}, "position": place},
        {"id": "m", "type": "map", "name": "Map", "config": config, "position": place},
    ]
    edge = {"id": "e", "source": "start", "target": "m"}
    document = {"schema": 1, "nodes": nodes, "edges": [edge]}
    flow = flows.create(cast.north.id, name="F", description="", document=document, user=cast.alice)
    mapping_tests.save(
        cast.north.id, flow.id, node_id="m", mapping_name="mapping", name="Terms",
        input={"trigger": {"a": 1}}, expected={"a": 1, "b": "30"}, blocks=True,
    )  # fmt: skip
    newer = with_value(BASE, "b", "14")
    templates.add_version(cast.north.id, template, mapping=newer, note="", user=cast.alice)
    taken = copy.deepcopy(document)
    up = templates.bring_up(cast.north.id, template, mapping=mine)["mapping"]
    taken["nodes"][1]["config"]["mapping"] = up  # type: ignore[index]
    alice, url = ApiClient(cast.alice), f"/api/v1/w/{cast.north.slug}/flows/{flow.id}"
    tried = alice.post(f"{url}/mapping-tests/run", {"document": taken}).json
    assert [one["passed"] for one in tried["outcomes"]] == [False], "seen before it is taken"
    saved = alice.put(f"{url}/draft", {"revision": 1, "document": taken}).json
    assert [one["code"] for one in saved["failing_tests"]] == ["mapping.test_failed"]
    with pytest.raises(NotPublishable, match="b is “?14"):
        publish(cast.north.id, flow.id, revision=2, environment="test", note="", user=cast.alice)


def test_a_mapping_of_before_is_followed_through_the_template_it_names(cast: Cast) -> None:
    template = made(cast)
    old = {**BASE, "rules": [{**r, "origin": r["id"]} for r in BASE["rules"]],
           "template": {"id": template, "version": 1}}  # fmt: skip
    newer = {**BASE, "rules": [{**BASE["rules"][0], "expr": field("trigger.z")}, BASE["rules"][1]]}
    templates.add_version(cast.north.id, template, mapping=newer, note="", user=cast.alice)
    up = templates.bring_up(cast.north.id, template, mapping=old)["mapping"]
    assert values(up) == {"a": "trigger.z", "b": "30"}
    assert up["template"] == {"id": template, "version": 2}
    with pytest.raises(templates.NotFromTemplate):
        templates.bring_up(cast.north.id, template, mapping=BASE)

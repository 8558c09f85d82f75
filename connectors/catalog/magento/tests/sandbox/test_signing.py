"""OAuth 1.0a and admin tokens, by a client of others (requests-oauthlib) and by hand."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
import requests
from requests_oauthlib import OAuth1

from connectors.catalog.magento.tests.sandbox.shop import Shop
from connectors.sandbox_kit.testing import send
from connectors.sandbox_kit.webhook_receiver import receiving

SEARCH = "searchCriteria[filter_groups][0][filters][0]"


def keys(shop: Shop, **changes: str) -> OAuth1:
    held = shop.control.settings("magento")
    names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    values = {name: changes.get(name, held[name]) for name in names}
    return OAuth1(
        values["consumer_key"],
        client_secret=values["consumer_secret"],
        resource_owner_key=values["access_token"],
        resource_owner_secret=values["access_token_secret"],
        signature_method=changes.get("method", "HMAC-SHA256"),
        timestamp=changes.get("timestamp"),
        nonce=changes.get("nonce"),
    )


def test_signed_calls_work_where_bearer_tokens_are_off(shop: Shop) -> None:
    shop.control.change_settings("magento", bearer_allowed=False)
    query = {f"{SEARCH}[field]": "customer_email", f"{SEARCH}[value]": "liam%"}
    query |= {f"{SEARCH}[condition_type]": "like", "searchCriteria[pageSize]": "5"}
    found = requests.get(f"{shop.url}/rest/V1/orders", params=query, auth=keys(shop), timeout=10)
    assert found.status_code == 200, found.text
    assert [order["entity_id"] for order in found.json()["items"]] == [2]
    body = {"statusHistory": {"comment": "signed ü"}}
    url = f"{shop.url}/rest/default/V1/orders/3/comments"
    said = requests.post(url, json=body, auth=keys(shop), timeout=10)
    assert (said.status_code, said.json()) == (200, True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"access_token_secret": "x"}, "The signature is invalid. Verify and try again."),
        ({"consumer_secret": "x"}, "The signature is invalid. Verify and try again."),
        ({"timestamp": "1700000000"}, "The oauth_timestamp value"),
        ({"method": "HMAC-SHA1"}, "Signature method HMAC-SHA1 is not supported."),
    ],
)
def test_a_wrong_signature_is_refused_with_its_reason(
    shop: Shop, changes: dict[str, str], message: str
) -> None:
    answer = requests.get(f"{shop.url}/rest/V1/orders/1", auth=keys(shop, **changes), timeout=10)
    assert answer.status_code == 401
    assert answer.json()["message"].startswith(message)


def test_a_nonce_counts_once(shop: Shop) -> None:
    answers = [
        requests.get(f"{shop.url}/rest/V1/orders/1", auth=keys(shop, nonce="n1"), timeout=10)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 401]
    assert "nonce is already being used" in answers[1].json()["message"]


def test_the_old_signature_can_be_allowed(shop: Shop) -> None:
    shop.control.change_settings("magento", hmac_sha1_allowed=True)
    signed = keys(shop, method="HMAC-SHA1")
    assert requests.get(f"{shop.url}/rest/V1/orders/1", auth=signed, timeout=10).ok


def test_an_activation_leads_to_an_access_token_that_works(shop: Shop) -> None:
    with receiving() as receiver:
        shop.control.call("POST", "magento/activate", {"callback_url": receiver.url})
        told = dict(parse_qsl(receiver.wait_for(1)[0].body.decode()))
    assert set(told) == {
        "oauth_consumer_key",
        "oauth_consumer_secret",
        "store_base_url",
        "oauth_verifier",
    }
    consumer = (told["oauth_consumer_key"], told["oauth_consumer_secret"])
    first = OAuth1(*consumer, signature_method="HMAC-SHA256")
    answer = requests.post(f"{shop.url}/oauth/token/request", auth=first, timeout=10)
    request_token = dict(parse_qsl(answer.text))

    def exchanged(verifier: str) -> requests.Response:
        second = OAuth1(
            *consumer,
            request_token["oauth_token"],
            request_token["oauth_token_secret"],
            verifier=verifier,
            signature_method="HMAC-SHA256",
        )
        return requests.post(f"{shop.url}/oauth/token/access", auth=second, timeout=10)

    wrong = exchanged("guess")
    assert wrong.status_code == 401 and wrong.text.startswith("oauth_problem=")
    lasting = dict(parse_qsl(exchanged(told["oauth_verifier"]).text))
    signed = OAuth1(
        *consumer,
        lasting["oauth_token"],
        lasting["oauth_token_secret"],
        signature_method="HMAC-SHA256",
    )
    assert requests.get(f"{shop.url}/rest/V1/store/websites", auth=signed, timeout=10).ok
    assert exchanged(told["oauth_verifier"]).status_code == 401, "a consumer is exchanged once"


def test_an_admin_token_lasts_four_hours(shop: Shop) -> None:
    held = shop.control.settings("magento")
    url = f"{shop.url}/rest/V1/integration/admin/token"
    wrong = send("POST", url, document={"username": held["username"], "password": "x"})
    assert wrong.status == 401
    given = send("POST", url, document={"username": held["username"], "password": held["password"]})
    shop.token = given.document()
    assert shop.call("GET", "V1/orders/1").status == 200
    shop.control.change_settings("magento", clock_offset_s=4 * 3600 + 1)
    assert shop.call("GET", "V1/orders/1").status == 401


def test_with_a_second_factor_the_plain_sign_in_is_refused(shop: Shop) -> None:
    shop.control.change_settings("magento", two_factor=True)
    held = shop.control.settings("magento")
    who = {"username": held["username"], "password": held["password"]}
    plain = send("POST", f"{shop.url}/rest/V1/integration/admin/token", document=who)
    assert plain.status == 401
    url = f"{shop.url}/rest/V1/tfa/provider/google/authenticate"
    shop.token = send("POST", url, document={**who, "otp": held["otp"]}).document()
    assert shop.call("GET", "V1/orders/1").status == 200


def test_a_resource_that_is_not_allowed_reads_like_a_missing_token(shop: Shop) -> None:
    shop.control.change_settings("magento", denied_resources=["Magento_Sales::sales"])
    refused = shop.call("GET", "V1/orders/1")
    assert (refused.status, refused.document()["parameters"]) == (
        401,
        {"resources": "Magento_Sales::sales"},
    )
    assert shop.call("GET", "V1/store/websites").status == 200

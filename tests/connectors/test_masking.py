"""What is hidden, and what stays readable."""

from __future__ import annotations

import pytest

from connectors.http import masking


@pytest.mark.parametrize(
    "number", ["4111111111111111", "5500 0000 0000 0004", "3400-000000-00009", "6011000000000004"]
)
def test_card_numbers_are_hidden_but_for_their_last_four_digits(number: str) -> None:
    shown = masking.mask_cards(f'{{"cc": "{number}"}}')
    assert number not in shown and number[-4:] in shown


@pytest.mark.parametrize(
    "text", ["000000045", "4111111111111112", "+1 617 555 0134", "2026-03-02 10:16:10", "123.45"]
)
def test_numbers_that_are_no_cards_stay(text: str) -> None:
    assert masking.mask_cards(text) == text


@pytest.mark.parametrize(
    "body",
    [
        '{"access_token": "x1x2x3"}',
        '{"refreshToken":"x1x2x3"}',
        '{"a": {"client_secret" : "x1x2x3"}}',
        '{"password": "x1x2x3"}',
        '{"token_secret": "x1x2x3 \\" y"}',
        "grant_type=refresh_token&refresh_token=x1x2x3",
        "code=x1x2x3&state=a",
    ],
)
def test_secret_members_are_hidden(body: str) -> None:
    assert "x1x2x3" not in masking.mask_text(body)


def test_ordinary_members_stay() -> None:
    body = '{"DocNumber": "WEB-1", "PrivateNote": "a=b", "SyncToken": "3", "code": "6240"}'
    assert masking.mask_text(body) == body


def test_a_binary_body_is_only_counted() -> None:
    assert masking.body_text(b"\x00" * 10, "application/pdf") == "(10 bytes of application/pdf)"


def test_a_long_body_is_shortened_and_says_so() -> None:
    text = masking.body_text(b"a" * (masking.MOST_TEXT + 1), "text/plain")
    assert text is not None and text.endswith(f"({masking.MOST_TEXT + 1} bytes)")

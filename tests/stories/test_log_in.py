"""A person logs in, and out again."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.kit.accessibility import violations


def test_a_person_logs_in_with_the_keyboard_and_lands_in_the_application(page: Any) -> None:
    page.goto("/")
    expect(page).to_have_url("/login?next=/")
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type("demo")
    page.keyboard.press("Tab")
    page.keyboard.type("causeway")
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    expect(page).not_to_have_url("/login?next=/")


def test_a_wrong_password_keeps_the_name_and_says_what_to_do(page: Any) -> None:
    page.goto("/login")
    page.get_by_label("User name").fill("vera")
    page.get_by_label("Password").fill("guess")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not match")
    expect(page.get_by_label("User name")).to_have_value("vera")
    expect(page.get_by_label("Password")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_the_log_in_page(page: Any, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto("/login")
    assert violations(page) == []
    page.get_by_label("User name").fill("nobody")
    page.get_by_label("Password").fill("guess")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []

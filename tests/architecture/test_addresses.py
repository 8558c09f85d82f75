"""Rules for the table of addresses."""

from __future__ import annotations

from collections import Counter

from tests.kit import addresses


def test_every_address_has_a_name_of_its_own() -> None:
    everything = addresses.all_addresses()
    assert [address.pattern for address in everything if not address.name] == []
    names = Counter(address.name for address in everything)
    assert [name for name, count in names.items() if count > 1] == []


def test_api_addresses_end_without_a_slash() -> None:
    assert [a.pattern for a in addresses.inside_workspaces() if a.pattern.endswith("/")] == []

"""What the manifest cannot say about the practice CRM."""

from __future__ import annotations

from typing import Any

from connectors.sdk import OperationContext, needed


def find_contact(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The contact with exactly that e-mail address, letter case ignored."""
    email = str(inputs.get("email") or "").strip()
    if not email:
        raise needed("email", "E-mail")
    found = context.call("list_contacts", {"email": email, "limit": 2})["items"]
    return {"found": bool(found), "record": found[0] if found else None}

"""The page on which a person lets an app use a company (fact sheet A2, step 1)."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

_STYLE = """
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;
background:#eef2f1;font:16px/1.5 system-ui,sans-serif;color:#1c2b29}
main{background:#fff;width:min(27rem,calc(100vw - 2rem));padding:2rem;border-radius:14px;
box-shadow:0 1px 2px #0002,0 12px 32px #0f3d3414}
.mark{width:2.75rem;height:2.75rem;border-radius:50%;background:#1f7a4d;color:#fff;display:grid;
place-items:center;font-weight:700}h1{font-size:1.3rem;line-height:1.3;margin:1rem 0 .25rem}
p{margin:.25rem 0 1rem;color:#4a5b58}fieldset{border:0;padding:0;margin:0 0 1.25rem}
legend{font-weight:600;padding:0 0 .5rem}label{display:flex;gap:.75rem;align-items:center;
border:1px solid #cfdad7;border-radius:10px;padding:.7rem .9rem;margin-bottom:.5rem;cursor:pointer}
label:has(input:checked){border-color:#1f7a4d;background:#f1f8f4}input{accent-color:#1f7a4d;
width:1.1rem;height:1.1rem}small{display:block;color:#5b6b68}.row{display:flex;gap:.75rem}
button{flex:1;font:inherit;font-weight:600;padding:.7rem;border-radius:10px;cursor:pointer;
border:1px solid #1f7a4d;background:#1f7a4d;color:#fff}button.plain{background:#fff;color:#1f5c3d}
button:focus-visible,input:focus-visible{outline:3px solid #8fd0ae;outline-offset:2px}
footer{margin-top:1.25rem;font-size:.85rem;color:#5b6b68}
"""


def page(
    fields: Mapping[str, str], companies: list[tuple[str, str, str]], scopes: list[str]
) -> str:
    """Consent page; ``companies`` are (realm, name, country)."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in fields.items()
    )
    choices = "".join(
        f'<label><input type="radio" name="realm" value="{escape(realm)}"'
        f"{' checked' if number == 0 else ''}><span>{escape(name)}"
        f"<small>{escape(country)} · company {escape(realm)}</small></span></label>"
        for number, (realm, name, country) in enumerate(companies)
    )
    wishes = ", ".join(escape(scope.rpartition(".")[2]) for scope in scopes) or "accounting"
    return _frame(
        "Connect to QuickBooks (sandbox)",
        f"<h1>Let Causeway use your QuickBooks company?</h1>"
        f"<p>It will read and write: {wishes}. You can end this at any time.</p>"
        f'<form method="post">{hidden}<fieldset><legend>Company</legend>{choices}</fieldset>'
        '<div class="row"><button class="plain" name="decision" value="cancel">Cancel</button>'
        '<button name="decision" value="connect">Connect</button></div></form>'
        "<footer>This is a local imitation for rehearsals. No real company is touched.</footer>",
    )


def refusal(text: str) -> str:
    """Page shown when the request cannot be sent back to the app."""
    return _frame(
        "This request cannot be used",
        f"<h1>This request cannot be used</h1><p>{escape(text)}</p>"
        "<footer>This is a local imitation for rehearsals.</footer>",
    )


def _frame(title: str, content: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>"
        f'<div class="mark" aria-hidden="true">qb</div>{content}</main></body></html>'
    )

"""Everything a vendor's sandbox shares: ledger, faults, webhooks out, control API, server.

A sandbox is our imitation of a vendor. One process hosts every sandbox for every workspace
(`python -m connectors.sandbox_kit`). It needs no Django and shares no code with connectors,
so that a connector and its sandbox cannot agree on the same mistake.
"""

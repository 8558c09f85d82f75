"""How calls prove who they are: one module a kind, chosen by the connector's manifest.

``kinds`` knows them all; ``spec`` is what a manifest says of one, and needs no database.
"""

"""Vendors' limits, shared by all workers: how many calls, how many at once, and when to pause."""

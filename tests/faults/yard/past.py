"""How far back the storm's backfill reads."""

PAST_DAYS = 10

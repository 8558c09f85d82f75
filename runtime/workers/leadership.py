"""Which scheduler leads: a lease in the database, handed on within seconds when its holder dies.

Leadership only saves work. Whatever a leader does is claimed row by row, so a leader that was
paused and comes back, or two that believe they lead for a moment, do no harm.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import IntegrityError
from django.db.models import F, Q

from ipaas.core import clock
from runtime import faults
from runtime.models import Lease

log = logging.getLogger(__name__)
TERM = timedelta(seconds=5)  # a dead leader is followed within this and one look
RENEW_AFTER = timedelta(seconds=1.5)


class Leadership:
    """One scheduler's claim to lead."""

    def __init__(self, holder: str, name: str = "scheduler") -> None:
        self._holder = holder
        self._name = name
        self._fence = 0

    @property
    def fence(self) -> int:
        """Number of this term of leadership; 0 while somebody else leads."""
        return self._fence

    def leads(self) -> bool:
        """Whether this scheduler leads now; takes the lead if it is free, renews it if held.

        One conditional UPDATE decides, so of several that ask at once one gets it.
        """
        now = clock.now()
        lease = Lease.objects.filter(name=self._name)
        row = lease.first()
        if row is None:
            return self._found()
        if row.holder == self._holder and row.fence == self._fence and row.until > now:
            # A clock that was set back must not make the term endless.
            if row.until - now < TERM - RENEW_AFTER or row.until - now > TERM:
                kept = lease.filter(holder=self._holder, fence=self._fence)
                if not kept.update(until=now + TERM):
                    return self._lose()
            return True
        free = Q(until__lte=now) | Q(until__gt=now + 2 * TERM) | Q(holder=self._holder)
        taken = lease.filter(free, fence=row.fence).update(
            holder=self._holder, fence=F("fence") + 1, until=now + TERM
        )
        if not taken:
            return self._lose()
        self._fence = row.fence + 1
        log.info("%s leads the schedulers (term %d)", self._holder, self._fence)
        return True

    def resign(self) -> None:
        """Let another scheduler lead at once."""
        if self._fence:
            Lease.objects.filter(name=self._name, holder=self._holder, fence=self._fence).update(
                until=clock.now(), holder=""
            )
        self._fence = 0

    def _found(self) -> bool:
        try:
            with faults.commits("leadership.found"):
                Lease.objects.create(
                    name=self._name, holder=self._holder, fence=1, until=clock.now() + TERM
                )
        except IntegrityError:
            return self._lose()
        self._fence = 1
        return True

    def _lose(self) -> bool:
        if self._fence:
            log.warning("%s no longer leads the schedulers", self._holder)
        self._fence = 0
        return False

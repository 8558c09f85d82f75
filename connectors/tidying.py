"""What is thrown away by and by: old counts, ended consents, files nobody took over."""

from __future__ import annotations

from datetime import timedelta

from connectors import uses, vendor_lists
from connectors.models import ConsentState, Upload
from ipaas.core import clock

CONSENTS_KEPT = timedelta(days=1)
UPLOADS_KEPT = timedelta(hours=1)


def tidy() -> int:
    """Remove what has served its time; how many rows. A scheduler calls it every hour."""
    now = clock.now()
    gone = uses.forget_old() + vendor_lists.forget_old()
    gone += ConsentState.objects.filter(expires_at__lt=now - CONSENTS_KEPT).delete()[0]
    gone += Upload.objects.filter(created_at__lt=now - UPLOADS_KEPT).delete()[0]
    return gone

"""Compiled releases, kept in memory: they never change."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable

from ipaas.core.errors import IpaasError
from runtime.engine import Program
from runtime.models import Release

log = logging.getLogger(__name__)


class Programs:
    """Compiled releases by id, until room is needed."""

    def __init__(self, room: int = 200) -> None:
        self._room = room
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Program] = OrderedDict()

    def get(self, release_ids: Iterable[str]) -> dict[str, Program]:
        """Programs by release id; missing ones are loaded in one query."""
        wanted = set(release_ids)
        with self._lock:
            found = {i: self._kept[i] for i in wanted if i in self._kept}
        missing = wanted - found.keys()
        for release in Release.objects.filter(id__in=missing) if missing else ():
            found[release.id] = program_of(release)
        with self._lock:
            for release_id, program in found.items():
                self._kept[release_id] = program
                self._kept.move_to_end(release_id)
            while len(self._kept) > self._room:
                self._kept.popitem(last=False)
        return found


PROGRAMS = Programs()


def program_of(release: Release) -> Program:
    """Compiled form of a release row; one that cannot be compiled says why in its ``problem``."""
    scope = f"{release.workspace_id}/{release.environment}"
    place = (release.id, scope, release.flow_id, release.flow_name, release.version)
    try:
        program = Program.compile(*place, release.body)
        program.graph.order  # noqa: B018  (a circle shows here, not in the middle of a run)
    except Exception as error:
        log.error("release %s cannot be compiled", release.id, exc_info=error)
        words = error.message if isinstance(error, IpaasError) else type(error).__name__
        return Program.broken(*place, f"Version {release.version} cannot be run: {words}")
    return program

"""The people of the yard: they approve, mend what stopped, and settle doubts by looking."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

import urllib3
from django.db import close_old_connections

from ipaas.core.errors import IpaasError
from runtime import control, deciding
from runtime.effects import payloads
from runtime.engine import FINISHED_RUN, StepState
from runtime.models import Approval, DeadLetter, Effect, Run

LOOKS_AFTER_S = 3.0  # a doubt is younger than what is still on its way
EVERY_S = 0.5
_http = urllib3.PoolManager(retries=False, timeout=5)


def run(order: dict[str, Any]) -> None:
    """Do what people do, and write how things stand into a file, until killed."""
    done: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    seen: dict[str, float] = {}
    while True:
        began = time.monotonic()
        try:
            _approve(order["workspace"], done)
            _mend(order["workspace"], done, codes)
            _settle(order["workspace"], order["vendor"], seen, done)
            _tell(Path(order["into"]), done, codes)
        except Exception as error:  # the database is away
            print("people:", repr(error), flush=True)
        close_old_connections()
        time.sleep(max(0.05, EVERY_S - (time.monotonic() - began)))


def _approve(workspace_id: str, done: Counter[str]) -> None:
    for question in list(Approval.objects.filter(status="open")[:100]):
        try:
            person = deciding.Person("yard", "Yard", "owner")
            deciding.answer(workspace_id, question.id, person, approved=True, note="")
            done["approved"] += 1
        except IpaasError:
            pass  # the run is moving: next time


def _mend(workspace_id: str, done: Counter[str], codes: Counter[str]) -> None:
    for letter in list(DeadLetter.objects.filter(status="open")[:100]):
        try:
            control.retry_dead_letter(
                workspace_id,
                letter.id,
                from_start=False,
                newest=False,
                document=None,
                edited=False,
                by="Yard",
                reason="",
            )
            done["dead letters"] += 1
            codes[letter.code] += 1
        except IpaasError:
            pass


def _settle(workspace_id: str, vendor: str, seen: dict[str, float], done: Counter[str]) -> None:
    now = time.monotonic()
    for row in list(Run.objects.filter(status="in_doubt")[:200]):
        for node_id, raw in row.state.items():
            state = StepState.from_json(raw)
            if state.status != "in_doubt" or not state.person:
                continue
            if now - seen.setdefault(f"{row.id}/{node_id}", now) < LOOKS_AFTER_S:
                continue
            sent = payloads.load(workspace_id, [state.input])[state.input]
            answer = _http.request("GET", f"{vendor}/truth?name={quote(sent['name'])}")
            there = json.loads(answer.data)["there"]
            choice = "adopt" if there else "resend"
            output = {"id": "seen", "name": sent["name"]} if there else None
            try:
                control.decide(workspace_id, row.id, node_id, choice, output)
                done[f"doubts: {choice}"] += 1
                del seen[f"{row.id}/{node_id}"]
            except IpaasError:
                pass


def _tell(into: Path, done: Counter[str], codes: Counter[str]) -> None:
    finished = [str(status) for status in FINISHED_RUN]
    unfinished = Run.objects.exclude(status__in=finished)
    found = {
        "done": dict(done),
        "codes": dict(codes),
        "unfinished": unfinished.count(),
        "letters": DeadLetter.objects.filter(status="open").count(),
        "doubts": Run.objects.filter(status="in_doubt").count(),
        "runs": Run.objects.count(),
        "at": time.monotonic(),
        "some": [
            [r.id, r.flow_id, r.status, r.current_node, str(r.due_at), r.waits_in[:6], r.owner]
            for r in unfinished[:8]
        ],
        "intended": Effect.objects.filter(state="intended").count(),
    }
    made = into.with_suffix(".new")
    made.write_text(json.dumps(found))
    os.replace(made, into)

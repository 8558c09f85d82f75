"""The door of this app: releases, runs, dead letters and live messages; workspace first."""

from __future__ import annotations

from typing import Any

from django.urls import path

from runtime.archive.returning import Returned, bring_back, move_again
from runtime.archive.shelf import StorageAway, StorageMisset
from runtime.control import start_run
from runtime.deployments import create_release, deploy, deployments, remove, set_active
from runtime.drafts import register_draft_compiler
from runtime.engine import AGGREGATES, MAX_PARALLEL, RETRY_CLASSES, WAIT_UNITS, conversion
from runtime.lifespan import Lifespan
from runtime.live.consumer import LiveConsumer
from runtime.reading import last_runs, overview, recorded, recorded_run, run_environment
from runtime.reconnection import connection_ready
from runtime.rehearsal import Rehearsed, rehearse
from runtime.triggers.checks import trigger_problems, trigger_schema
from runtime.triggers.gate import Gate
from runtime.triggers.hook_setup import (
    forget_previous,
    forget_samples,
    hook_info,
    listen,
    set_secret,
    try_delivery,
)
from runtime.triggers.hook_setup import samples as hook_samples
from runtime.values import DeploymentInfo, LastRun, NotDeployed, Recorded, RunNotFound
from runtime.workers.actors import WORKER_THREADS, drain, start_threads
from runtime.workers.folder import free as free_folder
from runtime.workers.folder import hold as hold_folder
from runtime.workers.scheduler import Scheduler
from runtime.workers.topology import Presence, ask_to_end, living

websocket_urlpatterns: list[Any] = [
    path("ws/w/<slug:workspace>", LiveConsumer.as_asgi(), name="live"),
]


def gate() -> Gate:
    """ASGI application for incoming webhooks."""
    return Gate()


def lifespan() -> Lifespan:
    """ASGI lifespan application: starts workers on the embedded default."""
    return Lifespan()


__all__ = [
    "AGGREGATES",
    "MAX_PARALLEL",
    "RETRY_CLASSES",
    "WAIT_UNITS",
    "WORKER_THREADS",
    "DeploymentInfo",
    "LastRun",
    "NotDeployed",
    "Presence",
    "ask_to_end",
    "living",
    "move_again",
    "Recorded",
    "Rehearsed",
    "Returned",
    "RunNotFound",
    "Scheduler",
    "StorageAway",
    "StorageMisset",
    "bring_back",
    "connection_ready",
    "conversion",
    "create_release",
    "deploy",
    "deployments",
    "drain",
    "forget_previous",
    "forget_samples",
    "free_folder",
    "gate",
    "hold_folder",
    "hook_info",
    "hook_samples",
    "last_runs",
    "lifespan",
    "listen",
    "overview",
    "recorded",
    "recorded_run",
    "register_draft_compiler",
    "rehearse",
    "remove",
    "run_environment",
    "set_active",
    "set_secret",
    "start_run",
    "start_threads",
    "trigger_problems",
    "trigger_schema",
    "try_delivery",
    "websocket_urlpatterns",
]

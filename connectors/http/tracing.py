"""OpenTelemetry spans of calls to other systems: off, and free of cost, unless configured.

``CAUSEWAY_TELEMETRY=otlp`` sends them where the usual ``OTEL_EXPORTER_OTLP_*`` variables say; the
packages come with ``causeway[telemetry]``. ``CAUSEWAY_TRACE_HEADERS=1`` also tells vendors the
trace (W3C ``traceparent``).
"""

from __future__ import annotations

import importlib
import os
from typing import Any
from urllib.parse import urlsplit

from ipaas.core.errors import IpaasError

_tracer: Any = None
_inject: Any = None
_asked = False


class TelemetryMissing(IpaasError):
    """Telemetry is switched on, but its packages are not installed."""

    code = "telemetry.missing"


def configure(provider: Any, *, headers: bool = False) -> None:
    """Make spans with ``provider`` (an OpenTelemetry TracerProvider), or none with None."""
    global _tracer, _inject, _asked
    _asked = True
    _tracer = provider.get_tracer("causeway.connectors") if provider is not None else None
    _inject = None
    if provider is not None and headers:
        _inject = importlib.import_module(
            "opentelemetry.trace.propagation.tracecontext"
        ).TraceContextTextMapPropagator()


def configure_from_environment() -> None:
    """Start what ``CAUSEWAY_TELEMETRY`` asks for; done once, at the first call of a process."""
    global _asked
    _asked = True
    if os.environ.get("CAUSEWAY_TELEMETRY", "") != "otlp":
        return
    try:
        sdk = importlib.import_module("opentelemetry.sdk.trace")
        export = importlib.import_module("opentelemetry.sdk.trace.export")
        resources = importlib.import_module("opentelemetry.sdk.resources")
        otlp = importlib.import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    except ImportError as error:
        raise TelemetryMissing(
            "CAUSEWAY_TELEMETRY is set, but OpenTelemetry is not installed.",
            hint="Install causeway[telemetry], or remove the setting.",
        ) from error
    name = os.environ.get("OTEL_SERVICE_NAME", "causeway")
    provider = sdk.TracerProvider(resource=resources.Resource.create({"service.name": name}))
    provider.add_span_processor(export.BatchSpanProcessor(otlp.OTLPSpanExporter()))
    configure(provider, headers=os.environ.get("CAUSEWAY_TRACE_HEADERS") == "1")


def begin(method: str, url: str, host: str, headers: dict[str, str]) -> Any:
    """A span for one request (``url`` is masked already), or None while telemetry is off.

    Adds ``traceparent`` to ``headers`` if vendors are to be told.
    """
    if _tracer is None:
        return None
    trace: Any = importlib.import_module("opentelemetry.trace")
    span = _tracer.start_span(
        method,
        kind=trace.SpanKind.CLIENT,
        attributes={
            "http.request.method": method,
            "url.full": url,
            "server.address": host,
            "server.port": urlsplit(url).port or (443 if url.startswith("https") else 80),
        },
    )
    if _inject is not None:
        _inject.inject(headers, context=trace.set_span_in_context(span))
    return span


def is_on() -> bool:
    """Whether spans are made."""
    if not _asked:
        configure_from_environment()
    return _tracer is not None


def end(span: Any, status: int | None, error: str = "") -> None:
    """Close a span with the status of the reply, or with the code of what went wrong."""
    if span is None:
        return
    if status is not None:
        span.set_attribute("http.response.status_code", status)
    if error or (status is not None and status >= 400):
        trace: Any = importlib.import_module("opentelemetry.trace")
        span.set_attribute("error.type", error or str(status))
        span.set_status(trace.StatusCode.ERROR)
    span.end()

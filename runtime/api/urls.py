"""Addresses under /api/v1/w/<workspace>/ for runs and dead letters."""

from django.urls import path

from runtime.api import (
    approvals,
    bulk,
    dead_letters,
    limits,
    many_runs,
    pauses,
    retention,
    runs,
    triggers,
)

urlpatterns = [
    path(
        "connections/<str:connection_id>/limits",
        limits.ConnectionLimits.as_view(),
        name="connection-limits",
    ),
    path("runs", runs.Runs.as_view(), name="runs"),
    path("runs/bulk", many_runs.RunsBulk.as_view(), name="runs-bulk"),
    path("runs/bulk/forecast", many_runs.RunsForecast.as_view(), name="runs-bulk-forecast"),
    path("runs/bulk/<str:bulk_id>", bulk.BulkDetail.as_view(), name="runs-bulk-job"),
    path("runs/bulk/<str:bulk_id>/change", bulk.BulkChange.as_view(), name="runs-bulk-change"),
    path("runs/<str:run_id>", runs.RunDetail.as_view(), name="run"),
    path("runs/<str:run_id>/steps/<str:node_id>", runs.RunStep.as_view(), name="run-step"),
    path("runs/<str:run_id>/children", runs.RunChildren.as_view(), name="run-children"),
    path("runs/<str:run_id>/journal", runs.RunJournal.as_view(), name="run-journal"),
    path("runs/<str:run_id>/cancel", runs.RunCancel.as_view(), name="run-cancel"),
    path("runs/<str:run_id>/replay", runs.RunReplay.as_view(), name="run-replay"),
    path("runs/<str:run_id>/retry-now", runs.RunHurry.as_view(), name="run-retry-now"),
    path("runs/<str:run_id>/resolve", runs.RunDecide.as_view(), name="run-resolve"),
    path("flows/<str:flow_id>/trigger", triggers.Trigger.as_view(), name="trigger"),
    path(
        "flows/<str:flow_id>/trigger/poll-now", triggers.PollNow.as_view(), name="trigger-poll-now"
    ),
    path("flows/<str:flow_id>/start", triggers.Start.as_view(), name="flow-start"),
    path("flows/<str:flow_id>/start-form", triggers.StartForm.as_view(), name="flow-start-form"),
    path("flows/<str:flow_id>/missed", triggers.Missed.as_view(), name="flow-missed"),
    path("backfills", triggers.Backfills.as_view(), name="backfills"),
    path("backfills/<str:backfill_id>", triggers.BackfillDetail.as_view(), name="backfill"),
    path(
        "backfills/<str:backfill_id>/change",
        triggers.BackfillChange.as_view(),
        name="backfill-change",
    ),
    path("schedules/preview", triggers.SchedulePreview.as_view(), name="schedule-preview"),
    path("pauses", pauses.Pauses.as_view(), name="pauses"),
    path("pauses/<int:pause_id>", pauses.PauseDetail.as_view(), name="pause"),
    path("settings/retention", retention.Retention.as_view(), name="retention"),
    path("approvals", approvals.Approvals.as_view(), name="approvals"),
    path("approvals/<str:approval_id>", approvals.ApprovalDetail.as_view(), name="approval"),
    path(
        "approvals/<str:approval_id>/decide",
        approvals.ApprovalDecide.as_view(),
        name="approval-decide",
    ),
    path("dead-letters", dead_letters.DeadLetters.as_view(), name="dead-letters"),
    path(
        "dead-letters/export", dead_letters.DeadLetterExport.as_view(), name="dead-letters-export"
    ),
    path("dead-letters/bulk", bulk.BulkJobs.as_view(), name="bulk-jobs"),
    path("dead-letters/bulk/<str:bulk_id>", bulk.BulkDetail.as_view(), name="bulk-job"),
    path(
        "dead-letters/bulk/<str:bulk_id>/change",
        bulk.BulkChange.as_view(),
        name="bulk-change",
    ),
    path(
        "dead-letters/<str:dead_letter_id>",
        dead_letters.DeadLetterDetail.as_view(),
        name="dead-letter",
    ),
    path(
        "dead-letters/<str:dead_letter_id>/retry",
        dead_letters.DeadLetterRetry.as_view(),
        name="dead-letter-retry",
    ),
    path(
        "dead-letters/<str:dead_letter_id>/skip",
        dead_letters.DeadLetterSkip.as_view(),
        name="dead-letter-skip",
    ),
    path(
        "dead-letters/<str:dead_letter_id>/forecast",
        dead_letters.DeadLetterForecast.as_view(),
        name="dead-letter-forecast",
    ),
    path(
        "dead-letters/<str:dead_letter_id>/go-past",
        dead_letters.DeadLetterGoPast.as_view(),
        name="dead-letter-go-past",
    ),
    path(
        "dead-letters/<str:dead_letter_id>/reopen",
        dead_letters.DeadLetterReopen.as_view(),
        name="dead-letter-reopen",
    ),
    path(
        "dead-letters/<str:dead_letter_id>/assign",
        dead_letters.DeadLetterAssign.as_view(),
        name="dead-letter-assign",
    ),
    path(
        "dead-letters/<str:dead_letter_id>/edits/<int:number>",
        dead_letters.DeadLetterEdit.as_view(),
        name="dead-letter-edit",
    ),
]

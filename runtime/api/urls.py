"""Addresses under /api/v1/w/<workspace>/ for runs and dead letters."""

from django.urls import path

from runtime.api import approvals, dead_letters, runs

urlpatterns = [
    path("runs", runs.Runs.as_view(), name="runs"),
    path("runs/<str:run_id>", runs.RunDetail.as_view(), name="run"),
    path("runs/<str:run_id>/steps/<str:node_id>", runs.RunStep.as_view(), name="run-step"),
    path("runs/<str:run_id>/children", runs.RunChildren.as_view(), name="run-children"),
    path("runs/<str:run_id>/journal", runs.RunJournal.as_view(), name="run-journal"),
    path("runs/<str:run_id>/cancel", runs.RunCancel.as_view(), name="run-cancel"),
    path("runs/<str:run_id>/replay", runs.RunReplay.as_view(), name="run-replay"),
    path("runs/<str:run_id>/retry-now", runs.RunHurry.as_view(), name="run-retry-now"),
    path("runs/<str:run_id>/resolve", runs.RunDecide.as_view(), name="run-resolve"),
    path("approvals", approvals.Approvals.as_view(), name="approvals"),
    path("approvals/<str:approval_id>", approvals.ApprovalDetail.as_view(), name="approval"),
    path(
        "approvals/<str:approval_id>/decide",
        approvals.ApprovalDecide.as_view(),
        name="approval-decide",
    ),
    path("dead-letters", dead_letters.DeadLetters.as_view(), name="dead-letters"),
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
]

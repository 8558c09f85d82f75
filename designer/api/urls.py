"""Addresses under /api/v1/w/<workspace>/ for flows and the designer."""

from django.urls import path

from designer.api import catalogue, flows, hooks, trying

urlpatterns = [
    path("flows/<str:flow_id>/hook", hooks.Hook.as_view(), name="hook"),
    path("flows/<str:flow_id>/hook/listen", hooks.HookListen.as_view(), name="hook-listen"),
    path("flows/<str:flow_id>/hook/secret", hooks.HookSecret.as_view(), name="hook-secret"),
    path("flows/<str:flow_id>/hook/samples", hooks.HookSamples.as_view(), name="hook-samples"),
    path("flows/<str:flow_id>/hook/try", hooks.HookTry.as_view(), name="hook-try"),
    path("palette", catalogue.Palette.as_view(), name="palette"),
    path("functions", catalogue.Functions.as_view(), name="functions"),
    path("overview", catalogue.Overview.as_view(), name="overview"),
    path("flows", flows.Flows.as_view(), name="flows"),
    path("flows/<str:flow_id>", flows.FlowDetail.as_view(), name="flow"),
    path("flows/<str:flow_id>/draft", flows.FlowDraft.as_view(), name="flow-draft"),
    path("flows/<str:flow_id>/publish", flows.FlowPublish.as_view(), name="flow-publish"),
    path("flows/<str:flow_id>/activate", flows.FlowActivate.as_view(), name="flow-activate"),
    path(
        "flows/<str:flow_id>/versions/<int:number>",
        flows.FlowVersion.as_view(),
        name="flow-version",
    ),
    path("flows/<str:flow_id>/check", trying.FlowCheck.as_view(), name="flow-check"),
    path("flows/<str:flow_id>/samples", trying.FlowSamples.as_view(), name="flow-samples"),
    path("flows/<str:flow_id>/sources", trying.FlowSources.as_view(), name="flow-sources"),
    path("flows/<str:flow_id>/preview", trying.FlowPreview.as_view(), name="flow-preview"),
    path("flows/<str:flow_id>/test", trying.FlowTest.as_view(), name="flow-test"),
]

"""Addresses under /api/v1/w/<workspace>/ for flows and the designer."""

from django.urls import path

from designer.api import (
    catalogue,
    expressions,
    flows,
    hooks,
    mapping,
    mapping_tests,
    step_mappings,
    trying,
)

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
    path(
        "flows/<str:flow_id>/mapping-check",
        step_mappings.FlowMappingCheck.as_view(),
        name="flow-mapping-check",
    ),
    path(
        "flows/<str:flow_id>/mapping-lists",
        step_mappings.FlowMappingLists.as_view(),
        name="flow-mapping-lists",
    ),
    path(
        "flows/<str:flow_id>/mapping-sheet",
        step_mappings.FlowMappingSheet.as_view(),
        name="flow-mapping-sheet",
    ),
    path(
        "flows/<str:flow_id>/mapping-drift",
        step_mappings.FlowMappingDrift.as_view(),
        name="flow-mapping-drift",
    ),
    path(
        "flows/<str:flow_id>/mapping-drift/seen",
        step_mappings.FlowMappingDriftSeen.as_view(),
        name="flow-mapping-drift-seen",
    ),
    path(
        "flows/<str:flow_id>/mapping-refusals",
        step_mappings.FlowMappingRefusals.as_view(),
        name="flow-mapping-refusals",
    ),
    path("mapping/from-text", mapping.FromText.as_view(), name="mapping-from-text"),
    path("mapping/to-text", mapping.ToText.as_view(), name="mapping-to-text"),
    path("mapping/check", mapping.MappingCheck.as_view(), name="mapping-check"),
    path(
        "mapping/expression-from-text",
        expressions.ExpressionFromText.as_view(),
        name="mapping-expression-from-text",
    ),
    path(
        "mapping/expression-to-text",
        expressions.ExpressionToText.as_view(),
        name="mapping-expression-to-text",
    ),
    path("mapping/schema", mapping.SchemaUpload.as_view(), name="mapping-schema-upload"),
    path("mapping/drift", mapping.SchemaDrift.as_view(), name="mapping-drift"),
    path("own-functions", mapping.OwnFunctions.as_view(), name="own-functions"),
    path(
        "own-functions/<str:function_id>", mapping.OwnFunctionDetail.as_view(), name="own-function"
    ),
    path("mapping-templates", mapping.MappingTemplates.as_view(), name="mapping-templates"),
    path(
        "mapping-templates/<str:template_id>",
        mapping.MappingTemplateDetail.as_view(),
        name="mapping-template",
    ),
    path(
        "mapping-templates/<str:template_id>/insert",
        mapping.MappingTemplateInsert.as_view(),
        name="mapping-template-insert",
    ),
    path(
        "mapping-templates/<str:template_id>/merge",
        mapping.MappingTemplateMerge.as_view(),
        name="mapping-template-merge",
    ),
    path(
        "flows/<str:flow_id>/mapping-tests",
        mapping_tests.MappingTests.as_view(),
        name="mapping-tests",
    ),
    path(
        "flows/<str:flow_id>/mapping-tests/run",
        mapping_tests.MappingTestsRun.as_view(),
        name="mapping-tests-run",
    ),
    path(
        "flows/<str:flow_id>/mapping-tests/from-run",
        mapping_tests.MappingTestsFromRun.as_view(),
        name="mapping-tests-from-run",
    ),
    path(
        "flows/<str:flow_id>/mapping-tests/<str:test_id>",
        mapping_tests.MappingTestDetail.as_view(),
        name="mapping-test",
    ),
    path("flows/<str:flow_id>/test", trying.FlowTest.as_view(), name="flow-test"),
]

import { Alert, Skeleton, Stack, Text } from "@mantine/core";
import { IconFlask } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import type { StepDetail } from "@/api/types";
import { EmptyState } from "@/shared/ui/EmptyState";
import { JsonView } from "@/shared/ui/JsonView";
import { ProblemAlert } from "@/shared/ui/ProblemAlert";
import { StatusBadge } from "@/shared/ui/StatusBadge";
import { useDesigner } from "./DesignerContext";
import { t } from "./en";

/** What went in and out of a step in the test that is shown on the canvas. */
export function StepData({ nodeId }: { nodeId: string }) {
  const { ws, test } = useDesigner();
  const step = test?.steps[nodeId];
  const reached = step && step.status !== "pending" && step.status !== "skipped";
  const detail = useQuery({
    queryKey: [ws, "run", test?.id, "step", nodeId, step?.status, step?.attempts],
    queryFn: ({ signal }) =>
      api.getExact<StepDetail>(
        inWorkspace(ws, `/runs/${test?.id}/steps/${nodeId}`),
        undefined,
        signal,
      ),
    enabled: Boolean(reached),
    placeholderData: (before) => before,
    structuralSharing: false,
  });
  if (!test) {
    return (
      <EmptyState compact icon={IconFlask} title={t("test.idle.title")}>
        {t("test.noData")}
      </EmptyState>
    );
  }
  if (!reached) {
    return (
      <Text size="sm" c="dimmed">
        {t("test.notReached")}
      </Text>
    );
  }
  return (
    <Stack gap="sm">
      <div>
        <StatusBadge status={step.status} />
      </div>
      {step.error && (
        <Alert color="red" title={step.error.message} p="xs">
          {step.error.hint}
        </Alert>
      )}
      <ProblemAlert error={detail.error} onRetry={() => void detail.refetch()} />
      {detail.isPending && <Skeleton height={120} />}
      {detail.data && (
        <>
          <section>
            <Text size="xs" fw={600} mb={4}>
              {t("test.input")}
            </Text>
            <JsonView value={detail.data.input} label={t("test.input")} maxHeight={280} />
          </section>
          <section>
            <Text size="xs" fw={600} mb={4}>
              {t("test.output")}
            </Text>
            <JsonView value={detail.data.output} label={t("test.output")} maxHeight={280} />
          </section>
        </>
      )}
    </Stack>
  );
}

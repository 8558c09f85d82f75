import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client";
import type { Json, JsonSchema } from "@/api/types";
import { TimeAgo } from "@/shared/time";
import { JsonView } from "@/shared/ui/JsonView";
import { notifyProblem } from "@/shared/ui/ProblemAlert";
import { StatusBadge } from "@/shared/ui/StatusBadge";
import { t } from "./en";
import { flowPath, type HookSample, hookSamplesQuery, triggerKeys } from "./queries";
import classes from "./triggers.module.css";

interface HookSamplesListProps {
  ws: string;
  env: string;
  flowId: string;
  mayEdit: boolean;
  onExample: (document: Json) => void;
}

/** What came to an address, newest first, and the fields that all of it has. */
export function HookSamplesList(props: HookSamplesListProps) {
  const { ws, env, flowId, mayEdit, onExample } = props;
  const cache = useQueryClient();
  const { data } = useQuery(hookSamplesQuery(ws, flowId, env));
  const clear = useMutation({
    mutationFn: () => api.delete(`${flowPath(ws, flowId, "hook/samples")}?environment=${env}`),
    onSuccess: () => cache.invalidateQueries({ queryKey: triggerKeys.hook(ws, flowId, env) }),
    onError: notifyProblem,
  });
  const [open, setOpen] = useState<number | null>(null);
  const items = data?.items ?? [];
  const read = items.filter((sample) => sample.document !== null).length;
  return (
    <div>
      <Group justify="space-between" mb={6}>
        <h4 className={classes.panelTitle}>{t("hook.samples")}</h4>
        {items.length > 0 && mayEdit && (
          <Button
            size="compact-xs"
            variant="subtle"
            loading={clear.isPending}
            onClick={() => clear.mutate()}
          >
            {t("hook.samples.clear")}
          </Button>
        )}
      </Group>
      {items.length === 0 && (
        <Text size="xs" c="dimmed">
          {t("hook.samples.none")}
        </Text>
      )}
      {data && read > 0 && (
        <Text size="xs" c="dimmed" mb={6}>
          {t("hook.samples.fields")} ({t("hook.samples.count", { count: read })}):{" "}
          {fieldNames(data.schema)}
        </Text>
      )}
      <ul className={classes.samples}>
        {items.map((sample) => (
          <li key={sample.id} className={classes.sample}>
            <button
              type="button"
              className={classes.sampleHead}
              aria-expanded={open === sample.id}
              onClick={() => setOpen(open === sample.id ? null : sample.id)}
            >
              <Proof sample={sample} />
              <span style={{ marginLeft: "auto" }}>
                <TimeAgo at={sample.received_at} />
              </span>
            </button>
            {open === sample.id && (
              <div className={classes.sampleBody}>
                {sample.why && (
                  <Text size="xs" c="red" mb={6}>
                    {sample.why}
                  </Text>
                )}
                <JsonView value={sample.document} label={t("hook.samples")} maxHeight={220} />
                {mayEdit && sample.document !== null && (
                  <Button
                    size="compact-sm"
                    mt={8}
                    onClick={() => {
                      onExample(sample.document);
                      notifications.show({ message: t("hook.samples.used") });
                    }}
                  >
                    {t("hook.samples.use")}
                  </Button>
                )}
              </div>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

const MOST_NAMES = 12;

function fieldNames(schema: JsonSchema): string {
  const names = Object.keys(schema.properties ?? {});
  const shown = names.slice(0, MOST_NAMES).join(", ");
  return names.length > MOST_NAMES ? `${shown} …` : shown || "–";
}

function Proof({ sample }: { sample: HookSample }) {
  if (sample.signature === "right") {
    return <StatusBadge status="succeeded" size="sm" label={t("hook.samples.proof.good")} />;
  }
  if (sample.signature === "wrong") {
    return <StatusBadge status="failed" size="sm" label={t("hook.samples.proof.wrong")} />;
  }
  return <StatusBadge status="ready" size="sm" label={t("hook.samples.proof.none")} />;
}

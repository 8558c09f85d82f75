import { Button, Group, Skeleton, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconHistory, IconPlayerPlay, IconRefresh } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client";
import { formatDuration, TimeAgo } from "@/shared/time";
import { Notice } from "@/shared/ui/Notice";
import { notifyProblem } from "@/shared/ui/ProblemAlert";
import { StatusBadge } from "@/shared/ui/StatusBadge";
import { BackfillDialog } from "./BackfillDialog";
import { t } from "./en";
import { FireTimes } from "./FireTimes";
import { flowPath, triggerKeys, triggerQuery } from "./queries";
import { StartDialog } from "./StartDialog";
import classes from "./triggers.module.css";

interface TriggerPanelProps {
  ws: string;
  env: string;
  environmentName: string;
  flow: { id: string; name: string };
  mayAct: boolean;
}

const BY_HAND = ["trigger.manual", "trigger.schedule"];

/** How the live trigger of a flow stands, and what a person may do with it. */
export function TriggerPanel({ ws, env, environmentName, flow, mayAct }: TriggerPanelProps) {
  const cache = useQueryClient();
  const { data: state, isPending } = useQuery(triggerQuery(ws, flow.id, env));
  const [dialog, setDialog] = useState<"start" | "backfill" | null>(null);
  const ask = useMutation({
    mutationFn: () => api.post(flowPath(ws, flow.id, "trigger/poll-now"), { environment: env }),
    onSuccess: () => {
      notifications.show({ message: t("state.asked") });
      return cache.invalidateQueries({ queryKey: triggerKeys.all(ws, flow.id) });
    },
    onError: notifyProblem,
  });
  const timer = state?.timer;
  const polls = state?.kind === "trigger.poll";
  // The switch above the canvas says on or off; without more to say or do this would be a box.
  const acts = mayAct && state && (polls || BY_HAND.includes(state.kind) || state.can_backfill);
  if (state && !timer && !acts) return null;
  return (
    <section
      className={classes.panel}
      aria-label={t("state.title", { environment: environmentName })}
    >
      <div className={classes.panelHead}>
        <h3 className={classes.panelTitle}>{t("state.title", { environment: environmentName })}</h3>
        {state && (
          <StatusBadge
            status={state.active ? "active" : "paused"}
            label={state.active ? t("state.on") : t("state.off")}
            size="sm"
          />
        )}
      </div>
      {isPending && <Skeleton height={40} />}
      {state === null && (
        <Text size="sm" c="dimmed">
          {t("state.none", { environment: environmentName })}
        </Text>
      )}
      {timer && (
        <>
          {timer.description && <Text size="sm">{timer.description}</Text>}
          <dl className={classes.facts}>
            {timer.every_s !== null && (
              <Fact
                title={
                  timer.under_way
                    ? t("state.underWay")
                    : t("state.every", {
                        time: formatDuration(timer.every_s * 1000),
                      })
                }
              />
            )}
            {timer.next.length === 0 && <Fact title={t("state.next")} at={timer.next_at} />}
            <Fact title={t("state.last")} at={timer.acted_at} />
            {polls && <Fact title={t("state.found")} at={timer.found_at} />}
          </dl>
          {timer.next.length > 0 && <FireTimes fires={timer.next} />}
          {timer.error && (
            <Notice
              tone="amber"
              icon={<IconAlertTriangle size={16} />}
              title={t("state.failing", { count: timer.failures })}
            >
              {timer.error.message} {timer.error.hint}
            </Notice>
          )}
          {timer.cursor !== null && polls && (
            <Text size="xs" c="dimmed" ff="monospace" truncate title={JSON.stringify(timer.cursor)}>
              {t("state.cursor")} {cursorWords(timer.cursor)}
            </Text>
          )}
        </>
      )}
      {state && acts && (
        <Group gap="xs">
          {polls && (
            <Button
              size="xs"
              variant="default"
              leftSection={<IconRefresh size={14} />}
              disabled={!state.active}
              loading={ask.isPending || timer?.under_way}
              onClick={() => ask.mutate()}
            >
              {t("state.askNow")}
            </Button>
          )}
          {BY_HAND.includes(state.kind) && (
            <Button
              size="xs"
              leftSection={<IconPlayerPlay size={14} />}
              disabled={!state.active}
              onClick={() => setDialog("start")}
            >
              {t("state.start")}
            </Button>
          )}
          {state.can_backfill && (
            <Button
              size="xs"
              variant="default"
              leftSection={<IconHistory size={14} />}
              onClick={() => setDialog("backfill")}
            >
              {t("state.backfill")}
            </Button>
          )}
        </Group>
      )}
      {dialog === "start" && (
        <StartDialog
          ws={ws}
          env={env}
          flow={flow}
          asks={state?.kind !== "trigger.schedule"}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === "backfill" && (
        <BackfillDialog ws={ws} env={env} flow={flow} onClose={() => setDialog(null)} />
      )}
    </section>
  );
}

function Fact({ title, at }: { title: string; at?: string | null }) {
  return (
    <div className={classes.fact}>
      <dt>{title}</dt>
      {at !== undefined && <dd>{at ? <TimeAgo at={at} /> : t("state.never")}</dd>}
    </div>
  );
}

/** The place a poll has read up to, in as few words as its cursor allows. */
function cursorWords(cursor: unknown): string {
  if (cursor && typeof cursor === "object" && !Array.isArray(cursor)) {
    const texts = Object.values(cursor).filter(
      (value) => typeof value === "string" || typeof value === "number",
    );
    if (texts.length > 0) return texts.join(" · ");
  }
  return JSON.stringify(cursor);
}

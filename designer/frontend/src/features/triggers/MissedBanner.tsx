import { Button, Group, List, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconInbox } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client";
import { TimeAgo } from "@/shared/time";
import { Notice } from "@/shared/ui/Notice";
import { notifyProblem } from "@/shared/ui/ProblemAlert";
import { t } from "./en";
import { flowPath, missedQuery, type TriggerState, triggerKeys } from "./queries";

interface MissedBannerProps {
  ws: string;
  state: TriggerState;
  mayAct: boolean;
}

/** What came while a flow was switched off: to be started, or dismissed, by a person. */
export function MissedBanner({ ws, state, mayAct }: MissedBannerProps) {
  const cache = useQueryClient();
  const { flow_id, environment, active, missed } = state;
  const [open, setOpen] = useState(false);
  const [sure, setSure] = useState(false);
  const list = useQuery({ ...missedQuery(ws, flow_id, environment), enabled: open && missed > 0 });
  const settle = useMutation({
    mutationFn: (action: "start" | "dismiss") =>
      api.post<{ done: number; left: number }>(flowPath(ws, flow_id, "missed"), {
        action,
        environment,
      }),
    onSuccess: ({ done }, action) => {
      setSure(false);
      notifications.show({
        message: t(action === "start" ? "missed.done" : "missed.dismissed", { count: done }),
      });
      return cache.invalidateQueries({ queryKey: triggerKeys.all(ws, flow_id) });
    },
    onError: notifyProblem,
  });
  if (missed === 0) return null;
  return (
    <Notice
      tone="amber"
      icon={<IconInbox size={18} />}
      title={t("missed.title", { count: missed })}
      actions={
        <Group gap="xs">
          <Button size="xs" variant="subtle" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? t("missed.hide") : t("missed.show")}
          </Button>
          {mayAct && (
            <>
              <Button
                size="xs"
                variant={sure ? "filled" : "default"}
                color={sure ? "red" : undefined}
                loading={settle.isPending && settle.variables === "dismiss"}
                onClick={() => (sure ? settle.mutate("dismiss") : setSure(true))}
                onBlur={() => setSure(false)}
              >
                {t("missed.dismiss")}
              </Button>
              <Button
                size="xs"
                disabled={!active}
                loading={settle.isPending && settle.variables === "start"}
                onClick={() => settle.mutate("start")}
              >
                {t("missed.start")}
              </Button>
            </>
          )}
        </Group>
      }
    >
      {sure ? t("missed.sure") : t("missed.text")} {!active && t("missed.off")}
      {open && list.data && (
        <>
          <List size="sm" mt={6} spacing={2}>
            {list.data.items.map((event) => (
              <List.Item key={event.id}>
                {event.business_key || event.entity_id}{" "}
                <Text span size="xs" c="dimmed">
                  <TimeAgo at={event.received_at} />
                </Text>
              </List.Item>
            ))}
          </List>
          {list.data.total > list.data.items.length && (
            <Text size="xs" c="dimmed" mt={4}>
              {t("missed.more", { count: list.data.total - list.data.items.length })}
            </Text>
          )}
        </>
      )}
    </Notice>
  );
}

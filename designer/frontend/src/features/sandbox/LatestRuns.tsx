import { Button, Group, Text, Title } from "@mantine/core";
import { IconCircleCheck, IconClock } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { happened, RunsTable, runsQuery } from "@/features/runs/list";
import { LiveIndicator, useRunsLive } from "@/live";
import { statusLook } from "@/shared/ui";
import { Notice } from "@/shared/ui/Notice";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import classes from "./SandboxPage.module.css";

export interface PlacedOrder {
  number: string;
  /** When it was placed, in milliseconds of the browser's clock. */
  at: number;
}

const SHOWN = 8;
/** A shop tells at once; after this long nobody seems to listen. */
const PATIENCE_MS = 8_000;

/** The newest runs, ticking, and the run that follows the order just placed. */
export function LatestRuns({ placed }: { placed: PlacedOrder | null }) {
  const { ws, env } = useWorkspace();
  const list = useInfiniteQuery(runsQuery(ws, env, {}));
  useRunsLive(ws, env);
  const rows = list.data?.pages[0]?.items.slice(0, SHOWN);
  return (
    <section className={classes.side}>
      {placed && <Follow key={placed.at} placed={placed} />}
      <Group justify="space-between">
        <Group gap="sm">
          <Title order={2}>{t("order.latest")}</Title>
          <LiveIndicator workspace={ws} environment={env} />
        </Group>
        <Button
          size="compact-sm"
          variant="subtle"
          renderRoot={(props) => <Link to="/w/$ws/runs" params={{ ws }} {...props} />}
        >
          {t("order.latest.all")}
        </Button>
      </Group>
      <RunsTable
        compact
        rows={rows}
        empty={
          <Text size="sm" c="dimmed">
            {t("order.latest.none")}
          </Text>
        }
      />
    </section>
  );
}

function Follow({ placed }: { placed: PlacedOrder }) {
  const { ws, env } = useWorkspace();
  const { data, refetch } = useInfiniteQuery(runsQuery(ws, env, {}));
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => {
      setLate(true);
      void refetch();
    }, PATIENCE_MS);
    return () => window.clearTimeout(timer);
  }, [refetch]);

  const run = data?.pages
    .flatMap((page) => page.items)
    .find((candidate) => candidate.business_key === placed.number);
  if (run) {
    const { tone, icon: Icon, word } = statusLook(run.status);
    return (
      <Notice
        role="status"
        tone={tone === "grey" ? "blue" : tone}
        icon={run.status === "succeeded" ? <IconCircleCheck size={18} /> : <Icon size={18} />}
        title={t("order.placed", { number: placed.number })}
        actions={
          <Button
            size="xs"
            renderRoot={(props) => (
              <Link to="/w/$ws/runs/$runId" params={{ ws, runId: run.id }} {...props} />
            )}
          >
            {t("order.placed.watch")}
          </Button>
        }
      >
        {t("order.placed.run", { status: word.toLowerCase(), happened: happened(run) })}
      </Notice>
    );
  }
  return (
    <Notice
      role="status"
      tone={late ? "amber" : "blue"}
      icon={<IconClock size={18} />}
      title={t("order.placed", { number: placed.number })}
      actions={
        late && (
          <Button
            size="xs"
            variant="default"
            renderRoot={(props) => <Link to="/w/$ws/flows" params={{ ws }} {...props} />}
          >
            {t("order.placed.flows")}
          </Button>
        )
      }
    >
      {late ? t("order.placed.none") : t("order.placed.waiting")}
    </Notice>
  );
}

import { ActionIcon, Button, Text, Title, Tooltip } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconCircle, IconCircleCheckFilled, IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { Overview, RunSummary } from "@/api/types";
import { isProduction, useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import classes from "./GettingStarted.module.css";
import { START_STEPS, type StartStep, startDone } from "./model";

interface GettingStartedProps {
  overview: Overview;
  latest: readonly RunSummary[];
}

/** The way from nothing to a posted invoice; ticks itself off and can be put away. */
export function GettingStarted({ overview, latest }: GettingStartedProps) {
  const { ws, env } = useWorkspace();
  const [hidden, setHidden] = useLocalStorage({
    key: `causeway.start.hidden.${ws}`,
    defaultValue: false,
  });
  const [seen, setSeen] = useLocalStorage({
    key: `causeway.start.invoice.${ws}`,
    defaultValue: false,
  });
  if (hidden || isProduction(env)) return null;
  const done = startDone(overview, latest);
  if (seen) done.add("invoice");
  const next = START_STEPS.find((step) => !done.has(step));
  return (
    <section className={classes.card} aria-label={t("start.title")}>
      <div className={classes.head}>
        <div>
          <Title order={2}>{t("start.title")}</Title>
          <Text size="sm" c="dimmed">
            {t("start.text")}
          </Text>
        </div>
        <Tooltip label={t("start.hide")}>
          <ActionIcon aria-label={t("start.hide")} onClick={() => setHidden(true)}>
            <IconX size={16} />
          </ActionIcon>
        </Tooltip>
      </div>
      <ol className={classes.steps}>
        {START_STEPS.map((step) => (
          <li key={step} className={classes.step} data-done={done.has(step) || undefined}>
            {done.has(step) ? (
              <IconCircleCheckFilled size={20} className={classes.tick} aria-hidden />
            ) : (
              <IconCircle size={20} className={classes.open} aria-hidden />
            )}
            <div className={classes.words}>
              <span className={classes.title}>
                {t(`start.${step}`)}
                {done.has(step) && <span className="cw-visually-hidden">: {t("start.done")}</span>}
              </span>
              <Text size="xs" c="dimmed">
                {t(`start.${step}.text`)}
              </Text>
            </div>
            <Go
              step={step}
              latest={latest}
              primary={step === next}
              onGo={step === "invoice" ? () => setSeen(true) : undefined}
            />
          </li>
        ))}
      </ol>
    </section>
  );
}

interface GoProps {
  step: StartStep;
  latest: readonly RunSummary[];
  primary: boolean;
  onGo?: (() => void) | undefined;
}

function Go({ step, latest, primary, onGo }: GoProps) {
  const { ws } = useWorkspace();
  const newest = latest[0];
  if (step === "watch" && !newest) return null;
  return (
    <Button
      size="xs"
      variant={primary ? "filled" : "default"}
      onClick={onGo}
      renderRoot={(props) => {
        switch (step) {
          case "connect":
            return <Link to="/w/$ws/connections" params={{ ws }} {...props} />;
          case "flow":
            return <Link to="/w/$ws/flows" params={{ ws }} {...props} />;
          case "order":
            return <Link to="/w/$ws/sandbox" params={{ ws }} {...props} />;
          case "watch":
            return (
              <Link to="/w/$ws/runs/$runId" params={{ ws, runId: newest?.id ?? "" }} {...props} />
            );
          case "invoice":
            return (
              <Link
                to="/w/$ws/sandbox"
                params={{ ws }}
                search={(before: object) => ({
                  ...before,
                  tab: "records",
                  vendor: "quickbooks",
                  entity: "Invoice",
                })}
                {...props}
              />
            );
        }
      }}
    >
      {t(`start.${step}.go`)}
    </Button>
  );
}

import { Skeleton, Tabs } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useParams } from "@tanstack/react-router";
import { type CSSProperties, lazy, Suspense } from "react";
import { ResizeHandle } from "@/features/canvas/ResizeHandle";
import { isFinished, useRunLive } from "@/live";
import { Page, ProblemAlert, statusLook } from "@/shared/ui";
import { useSearchState, useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { Journal } from "./Journal";
import { stepToShow } from "./model";
import { Pauses } from "./Pausing";
import { RunHeader } from "./RunHeader";
import { RunNotice } from "./RunNotice";
import classes from "./RunPage.module.css";
import { StageBar } from "./StageBar";
import { StepList } from "./StepList";
import { StepPanel } from "./StepPanel";

// Past the canvas' door on purpose: the door would bring the whole designer with it.
const FlowView = lazy(async () => {
  const { FlowView: view } = await import("@/features/canvas/FlowView");
  return { default: view };
});

const CANVAS = { min: 160, max: 1200 };
/** A flow of more steps than this begins with more room. */
const MANY_STEPS = 8;

/** How high the canvas stands: as somebody dragged it, else by how much there is to see. */
function useCanvasHeight(steps: number): [number, (height: number) => void] {
  const [kept, keep] = useLocalStorage<number | null>({
    key: "causeway.run.canvas",
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const share = steps > MANY_STEPS ? 0.45 : 0.3;
  return [kept ?? Math.max(230, Math.round(window.innerHeight * share)), keep];
}

/** One run on the canvas of its flow, while it happens and afterwards. */
export function RunPage() {
  const { ws } = useWorkspace();
  const { runId = "" } = useParams({ strict: false });
  const [search, setSearch] = useSearchState();
  const { run, steps, error, refetch } = useRunLive(ws, runId);
  const [height, resize] = useCanvasHeight(run?.document.nodes.length ?? 0);

  if (run === null) {
    return (
      <Page wide>{error ? <ProblemAlert error={error} onRetry={refetch} /> : <Waiting />}</Page>
    );
  }

  const known = run.document.nodes.some(({ id }) => id === search.step);
  // Until a person chooses, the page follows the run: the first failed step, else the current one.
  const selected = known ? (search.step ?? null) : stepToShow(run);
  const node = run.document.nodes.find(({ id }) => id === selected) ?? null;
  const select = (nodeId: string | null) => setSearch({ step: nodeId ?? undefined });

  return (
    <div className={classes.page} style={{ "--canvas": `${height}px` } as CSSProperties}>
      <div className={classes.head}>
        <RunHeader run={run} />
        <StageBar run={run} onSelect={select} />
        <div className={classes.notice}>
          {!isFinished(run) && <Pauses run={run} />}
          <RunNotice run={run} />
        </div>
        <span role="status" className="cw-visually-hidden">
          {t("run.status.live", {
            key: run.business_key || t("runs.noKey"),
            status: statusLook(run.status).word,
          })}
        </span>
      </div>
      <section className={classes.canvas} aria-label={t("run.canvas")}>
        <Suspense fallback={<Skeleton height="100%" radius={0} />}>
          <FlowView
            document={run.document}
            steps={steps}
            families={run.families}
            selected={selected}
            onSelect={select}
            label={t("run.canvas")}
          />
        </Suspense>
      </section>
      <div className={classes.edge}>
        <ResizeHandle
          label={t("run.canvas.resize")}
          axis="y"
          before
          size={height}
          onResize={resize}
          {...CANVAS}
        />
      </div>
      <div className={classes.panel}>
        <StepPanel run={run} node={node} step={node ? steps[node.id] : undefined} />
      </div>
      <Tabs
        className={classes.dock}
        value={search.dock === "steps" ? "steps" : "journal"}
        onChange={(dock) => setSearch({ dock: dock === "steps" ? dock : undefined })}
      >
        <Tabs.List>
          <Tabs.Tab value="journal">{t("dock.journal")}</Tabs.Tab>
          <Tabs.Tab value="steps">{t("dock.steps")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="journal" className={classes.dockBody}>
          <Journal run={run} onSelect={select} />
        </Tabs.Panel>
        <Tabs.Panel value="steps" className={classes.dockBody}>
          <StepList run={run} selected={selected} onSelect={select} />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}

function Waiting() {
  return (
    <div aria-busy="true">
      <Skeleton height={28} width={280} radius="sm" mb="sm" />
      <Skeleton height={18} width={420} radius="sm" mb="xl" />
      <Skeleton height={320} radius="lg" />
    </div>
  );
}

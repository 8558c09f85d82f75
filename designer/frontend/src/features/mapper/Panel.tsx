import { ActionIcon, Tabs } from "@mantine/core";
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { memo, type PointerEvent, useLayoutEffect, useState } from "react";
import { DocumentView } from "./DocumentView";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import classes from "./Panel.module.css";
import { Problems } from "./Problems";
import { ResultView } from "./ResultView";
import { RulePanel } from "./RulePanel";
import { Suggestions } from "./Suggestions";
import type { Suggestion } from "./suggest";
import { TestsPanel } from "./TestsPanel";
import { TextPanel } from "./TextPanel";
import type { JsonSchema, Preview, Sample } from "./types";
import type { MapperStore } from "./useMapper";
import type { MapperPlace } from "./usePreview";
import type { Refused } from "./useRefusals";

interface PanelProps {
  store: MapperStore;
  targetSchema: JsonSchema;
  preview: Preview | undefined;
  lists: { path: string; title: string }[];
  place: MapperPlace;
  /** What the mapping is tried on. */
  sample: Sample | null;
  suggestions: Suggestion[];
  refused: Refused;
  /** Titles of steps whose values come from an example. */
  assumed: string[];
}

const LOW_PX = 150;
const STEP_PX = 24;

type TabName = "rule" | "result" | "problems" | "suggestions" | "tests" | "document" | "jsonata";

/** The details below the trees: the chosen rule, what comes out, problems, and the text form. */
export const Panel = memo(function Panel(props: PanelProps) {
  const { store, preview, targetSchema } = props;
  const [height, setHeight] = useState(() =>
    Math.round(Math.max(250, Math.min(320, window.innerHeight * 0.33))),
  );
  // Closed until there is something to say, so that the trees have the room.
  const [open, setOpen] = useState(false);
  const chosen = store.selected;
  // With the choice itself: the trees then bring it into view in the room that is left.
  useLayoutEffect(() => {
    if (chosen !== null) setOpen(true);
  }, [chosen]);
  const [tab, setTab] = useState<TabName>("rule");
  const problems = preview?.problems ?? [];
  const trigger = useExprEnv().sources.find((source) => source.path === "trigger");

  const resize = (event: PointerEvent<HTMLElement>) => {
    const startY = event.clientY;
    const start = height;
    const target = event.currentTarget;
    target.setPointerCapture(event.pointerId);
    const move = (e: globalThis.PointerEvent) => setHeight(limit(start + startY - e.clientY));
    const end = () => {
      target.removeEventListener("pointermove", move);
      target.removeEventListener("pointerup", end);
    };
    target.addEventListener("pointermove", move);
    target.addEventListener("pointerup", end);
  };

  return (
    <section
      className={classes.dock}
      data-part="details"
      style={{ height: open ? height : undefined }}
      aria-label={t("panel.label")}
    >
      {open && (
        // biome-ignore lint/a11y/useSemanticElements: a separator that takes keys is not a rule
        <div
          role="separator"
          tabIndex={0}
          className={classes.resizer}
          aria-label={t("panel.resize")}
          aria-orientation="horizontal"
          aria-valuenow={height}
          aria-valuemin={LOW_PX}
          aria-valuemax={highPx()}
          onPointerDown={resize}
          onKeyDown={(event) => {
            if (event.key === "ArrowUp") setHeight((h) => limit(h + STEP_PX));
            if (event.key === "ArrowDown") setHeight((h) => limit(h - STEP_PX));
          }}
        />
      )}
      <Tabs
        value={tab}
        onChange={(value) => {
          setTab((value ?? "rule") as TabName);
          setOpen(true);
        }}
        keepMounted={false}
        classNames={{ root: classes.tabs, panel: classes.tabPanel, tab: classes.tab }}
      >
        <Tabs.List>
          <Tabs.Tab value="rule">{t("panel.rule")}</Tabs.Tab>
          <Tabs.Tab value="result">{t("panel.result")}</Tabs.Tab>
          <Tabs.Tab
            value="problems"
            rightSection={
              problems.length > 0 && (
                <span
                  className={classes.count}
                  data-tone={problems.some((p) => p.severity === "error") ? "red" : "amber"}
                >
                  {problems.length}
                </span>
              )
            }
          >
            {t("panel.problems")}
          </Tabs.Tab>
          {/* Always there: the tabs behind it must not move when proposals come. */}
          <Tabs.Tab
            value="suggestions"
            rightSection={
              <span
                className={classes.count}
                style={{ visibility: props.suggestions.length > 0 ? "visible" : "hidden" }}
              >
                {props.suggestions.length}
              </span>
            }
          >
            {t("suggest.tab")}
          </Tabs.Tab>
          <Tabs.Tab value="tests">{t("tests.tab")}</Tabs.Tab>
          <Tabs.Tab value="document">{t("result.source")}</Tabs.Tab>
          <Tabs.Tab value="jsonata">{t("panel.jsonata")}</Tabs.Tab>
        </Tabs.List>
        <div className={classes.tabsEnd}>
          {props.assumed.length > 0 && (
            <span
              className={classes.assumed}
              title={t("preview.assumed", { steps: props.assumed.join(", ") })}
            >
              {t("preview.assumed", { steps: props.assumed.join(", ") })}
            </span>
          )}
          <ActionIcon
            aria-label={t(open ? "panel.collapse" : "panel.expand")}
            onClick={() => setOpen((o) => !o)}
          >
            {open ? <IconChevronDown size={16} /> : <IconChevronUp size={16} />}
          </ActionIcon>
        </div>
        {open && (
          <>
            <Tabs.Panel value="rule">
              <RulePanel {...props} />
            </Tabs.Panel>
            <Tabs.Panel value="result">
              <ResultView
                value={preview?.output}
                schema={targetSchema}
                mapping={store.doc}
                place={props.place}
              />
            </Tabs.Panel>
            <Tabs.Panel value="problems">
              <Problems
                problems={problems}
                of={preview?.of}
                store={store}
                place={props.place}
                onShow={() => setTab("rule")}
              />
            </Tabs.Panel>
            <Tabs.Panel value="suggestions">
              <Suggestions store={store} found={props.suggestions} refused={props.refused} />
            </Tabs.Panel>
            <Tabs.Panel value="tests">
              <TestsPanel
                place={props.place}
                mapping={store.doc}
                preview={preview}
                sample={props.sample}
              />
            </Tabs.Panel>
            <Tabs.Panel value="document">
              <DocumentView
                value={props.sample?.document}
                titles={trigger?.schema ?? undefined}
                label={t("result.source_label")}
              />
            </Tabs.Panel>
            <Tabs.Panel value="jsonata">
              <TextPanel store={store} text={preview?.jsonata ?? ""} />
            </Tabs.Panel>
          </>
        )}
      </Tabs>
    </section>
  );
});

const highPx = () => Math.round(window.innerHeight * 0.7);
const limit = (px: number) => Math.max(LOW_PX, Math.min(highPx(), px));

import { ActionIcon, Tabs, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconChevronDown, IconChevronUp, IconFlask } from "@tabler/icons-react";
import { useDesigner } from "./DesignerContext";
import classes from "./Dock.module.css";
import { t } from "./en";
import { ProblemList } from "./ProblemList";
import { TestPanel } from "./TestPanel";

export type DockTab = "problems" | "test";

interface DockProps {
  tab: DockTab;
  onTab: (tab: DockTab) => void;
  open: boolean;
  onOpen: (open: boolean) => void;
}

/** Problems and test, below the canvas. Closed it is one line; it opens by any of its tabs. */
export function Dock({ tab, onTab, open, onOpen }: DockProps) {
  const { problems } = useDesigner();
  const errors = problems.filter((problem) => problem.severity === "error").length;
  const fold = open ? t("dock.collapse") : t("dock.expand");
  return (
    <section className={classes.dock} aria-label={t("dock.label")}>
      <Tabs
        value={tab}
        onChange={(next) => {
          onTab(next as DockTab);
          onOpen(true);
        }}
        className={classes.tabs}
        keepMounted
      >
        <div className={classes.bar}>
          <Tabs.List className={classes.list}>
            <Tabs.Tab
              value="problems"
              leftSection={<IconAlertTriangle size={15} stroke={1.8} aria-hidden />}
              onClick={() => tab === "problems" && onOpen(!open)}
            >
              {t("dock.problems")}
              {problems.length > 0 && (
                <span className={classes.count} data-errors={errors > 0 || undefined}>
                  {problems.length}
                </span>
              )}
            </Tabs.Tab>
            <Tabs.Tab
              value="test"
              leftSection={<IconFlask size={15} stroke={1.8} aria-hidden />}
              onClick={() => tab === "test" && onOpen(!open)}
            >
              {t("dock.test")}
            </Tabs.Tab>
          </Tabs.List>
          <Tooltip label={fold}>
            <ActionIcon aria-label={fold} aria-expanded={open} onClick={() => onOpen(!open)}>
              {open ? <IconChevronDown size={17} /> : <IconChevronUp size={17} />}
            </ActionIcon>
          </Tooltip>
        </div>
        <div className={classes.body} hidden={!open}>
          <Tabs.Panel value="problems" className={classes.panel}>
            <ProblemList />
          </Tabs.Panel>
          <Tabs.Panel value="test" className={classes.panel}>
            <TestPanel />
          </Tabs.Panel>
        </div>
      </Tabs>
    </section>
  );
}

import { Group, Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./OverviewPage.module.css";

interface PanelProps {
  title: string;
  action?: ReactNode;
  /** The content brings its own frame. */
  bare?: boolean;
  children: ReactNode;
}

/** A titled part of the page. */
export function Panel({ title, action, bare, children }: PanelProps) {
  return (
    <section className={classes.panel} aria-label={title}>
      <Group justify="space-between" mb="xs">
        <Title order={2}>{title}</Title>
        <div className={classes.action}>{action}</div>
      </Group>
      {bare ? children : <div className={classes.frame}>{children}</div>}
    </section>
  );
}

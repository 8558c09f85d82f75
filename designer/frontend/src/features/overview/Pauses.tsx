import { useQuery } from "@tanstack/react-query";
import { connectionsQuery } from "@/api/queries";
import type { Overview } from "@/api/types";
import { PauseNotice, pausesQuery } from "@/features/pauses";
import { useWorkspace } from "@/shared/workspace";
import classes from "./OverviewPage.module.css";

const SHOWN = 4;

/** Flows and connections whose calls somebody holds back: healthy, and yet nothing moves. */
export function Pauses({ flows }: { flows: Overview["flows"] }) {
  const { ws, env } = useWorkspace();
  const { data = [] } = useQuery(pausesQuery(ws, env));
  const pauses = data.filter(({ kind }) => kind !== "run").slice(0, SHOWN);
  const { data: connections } = useQuery({
    ...connectionsQuery(ws, env),
    enabled: pauses.some(({ kind }) => kind === "connection"),
  });
  if (pauses.length === 0) return null;
  const nameOf = (kind: string, ref: string) =>
    (kind === "flow"
      ? flows.find(({ id }) => id === ref)?.name
      : connections?.find(({ slug }) => slug === ref)?.name) ?? ref;
  return (
    <div className={classes.notices}>
      {pauses.map((pause) => (
        <PauseNotice
          key={pause.id}
          pause={pause}
          environment={env}
          name={nameOf(pause.kind, pause.ref)}
        />
      ))}
    </div>
  );
}

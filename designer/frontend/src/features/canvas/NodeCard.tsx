import { Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconCircleX } from "@tabler/icons-react";
import { Handle, type NodeProps, Position, useStore } from "@xyflow/react";
import { createContext, memo, useContext } from "react";
import type { FlowDocument } from "@/api/types";
import { formatDuration } from "@/shared/time";
import { StatusBadge } from "@/shared/ui/StatusBadge";
import { VendorIcon } from "@/shared/ui/VendorIcon";
import { t } from "./en";
import type { StepNode } from "./model";
import classes from "./NodeCard.module.css";
import { describe, portName, type Surroundings } from "./nodeInfo";
import { stepNote } from "./stepNote";

export interface CardContextValue extends Surroundings {
  document: FlowDocument;
}

/** What the cards read beside their own node: the flow, the palette and the connections. */
export const CardContext = createContext<CardContextValue>({
  document: { schema: 1, nodes: [], edges: [] },
  palette: undefined,
  connections: undefined,
});

/** The ports on the right side; the error port hangs below. */
function sidePorts(ports: string[]): string[] {
  return ports.filter((port) => port !== "error");
}

/** Below this zoom small print cannot be read, so a card shows only its icon and a large name. */
export const FAR_ZOOM = 0.7;
/** Below this one the icon gives its room to a still larger name. */
const TINY_ZOOM = 0.42;

function Card({ data, selected }: NodeProps<StepNode>) {
  const { node, problems, step, family, wired, inRun, readOnly } = data;
  const surroundings = useContext(CardContext);
  const info = describe(node, surroundings.document, surroundings);
  const status = step?.status ?? (inRun ? "pending" : null);
  const distance = useStore(({ transform: [, , zoom] }) =>
    zoom < TINY_ZOOM ? "tiny" : zoom < FAR_ZOOM ? "far" : null,
  );
  const far = distance !== null;
  const side = sidePorts(info.ports.out);
  const found = problems.errors + problems.warnings;
  const busy = new Set(wired.split(" "));
  const note = step ? stepNote(node, step, family) : "";
  return (
    <div
      className={classes.card}
      data-shape={info.shape}
      data-far={far || undefined}
      data-tiny={distance === "tiny" || undefined}
      data-selected={selected || undefined}
      data-status={status ?? undefined}
      data-problem={problems.errors ? "error" : problems.warnings ? "warning" : undefined}
      // A step with many ways is taller, so that each exit has a place of its own.
      style={side.length > 3 ? { minHeight: 20 + side.length * 24 } : undefined}
    >
      {info.ports.in.map((port) => (
        <Handle
          key={port}
          id={port}
          type="target"
          position={Position.Left}
          className={classes.port}
          isConnectable={!readOnly}
        />
      ))}
      <div className={classes.head}>
        {distance !== "tiny" && (
          <span className={classes.tile}>
            <VendorIcon icon={info.icon} name={info.iconName} size={far ? 46 : 34} />
          </span>
        )}
        <span className={classes.words}>
          <span className={classes.name} title={node.name}>
            {node.name}
          </span>
          {!far && (
            <span className={classes.kind} title={info.kind}>
              {info.kind}
            </span>
          )}
        </span>
      </div>
      <div className={classes.foot} hidden={far}>
        {status ? (
          <>
            <StatusBadge status={status} size="sm" />
            {note ? (
              <span className={classes.note} title={note}>
                {note}
              </span>
            ) : (
              step?.duration_ms != null && (
                <span className={classes.time}>{formatDuration(step.duration_ms)}</span>
              )
            )}
          </>
        ) : (
          <span
            className={classes.summary}
            data-unfinished={info.unfinished || undefined}
            title={info.summary}
          >
            {info.summary}
          </span>
        )}
      </div>
      {far && status && (
        <span className={classes.farStatus}>
          <StatusBadge status={status} iconOnly />
        </span>
      )}
      {found > 0 && (
        <Tooltip label={t("node.problems", { count: found })}>
          <span className={classes.badge} data-kind={problems.errors ? "error" : "warning"}>
            {problems.errors ? (
              <IconCircleX size={14} stroke={2.2} aria-hidden />
            ) : (
              <IconAlertTriangle size={13} stroke={2.2} aria-hidden />
            )}
            <span className="cw-visually-hidden">{t("node.problems", { count: found })}</span>
            <span aria-hidden>{found}</span>
          </span>
        </Tooltip>
      )}
      {side.map((port, index) => (
        <Handle
          key={port}
          id={port}
          type="source"
          position={Position.Right}
          className={classes.port}
          data-port={port}
          style={{ top: `${((index + 1) * 100) / (side.length + 1)}%` }}
          isConnectable={!readOnly}
          title={readOnly ? undefined : t("port.title", { port: portName(node, port) })}
        >
          {side.length > 1 && (
            <span
              className={classes.portWord}
              data-wired={busy.has(port) || undefined}
              data-taken={step?.port === port || undefined}
            >
              {portName(node, port)}
            </span>
          )}
        </Handle>
      ))}
      {info.ports.out.includes("error") && (
        <Handle
          id="error"
          type="source"
          position={Position.Bottom}
          className={classes.port}
          data-port="error"
          isConnectable={!readOnly}
          title={readOnly ? undefined : t("port.title", { port: portName(node, "error") })}
        >
          <span className={classes.portWord}>{portName(node, "error")}</span>
        </Handle>
      )}
    </div>
  );
}

/** Redrawn only when what it shows has changed: a flow may hold hundreds of cards. */
export const NodeCard = memo(Card, (before, after) => {
  const a = before.data;
  const b = after.data;
  return (
    before.selected === after.selected &&
    a.node === b.node &&
    a.step === b.step &&
    a.family === b.family &&
    a.wired === b.wired &&
    a.inRun === b.inRun &&
    a.readOnly === b.readOnly &&
    a.problems.errors === b.problems.errors &&
    a.problems.warnings === b.problems.warnings
  );
});

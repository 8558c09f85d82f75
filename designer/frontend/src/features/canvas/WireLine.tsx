import { ActionIcon } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import {
  BaseEdge,
  EdgeLabelRenderer,
  type EdgeProps,
  getSmoothStepPath,
  Position,
} from "@xyflow/react";
import { createContext, useContext, useState } from "react";
import { t } from "./en";
import type { WireEdge } from "./model";
import classes from "./WireLine.module.css";

/** Opens the list of steps to put one into a wire; absent where the flow is only read. */
export const InsertContext = createContext<
  ((edgeId: string, at: { x: number; y: number }) => void) | null
>(null);

export function WireLine(props: EdgeProps<WireEdge>) {
  const { id, data, selected, sourceX, sourceY, targetX, targetY } = props;
  const insert = useContext(InsertContext);
  const [near, setNear] = useState(false);
  const port = data?.edge.source_port ?? "out";
  const [path, labelX, labelY] = getSmoothStepPath({
    sourceX,
    sourceY,
    targetX,
    targetY,
    sourcePosition: port === "error" ? Position.Bottom : Position.Right,
    targetPosition: Position.Left,
    borderRadius: 14,
    offset: 22,
  });
  const word = data?.word ?? "";
  const taken = data?.taken;
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: hover only shows the insert button, the button itself is focusable */}
      <g onMouseEnter={() => setNear(true)} onMouseLeave={() => setNear(false)}>
        <BaseEdge
          id={id}
          path={path}
          interactionWidth={26}
          markerEnd={props.markerEnd}
          className={classes.line}
          data-port={port}
          data-selected={selected || undefined}
          data-taken={taken ?? undefined}
        />
      </g>
      <EdgeLabelRenderer>
        {word && port === "error" && (
          <span
            className={classes.word}
            data-port={port}
            data-taken={taken ?? undefined}
            title={word}
            style={{
              transform: `translate(-50%, -50%) translate(${labelX}px, ${labelY}px)`,
              opacity: near ? 0 : 1,
            }}
          >
            {word}
          </span>
        )}
        {insert && (
          <ActionIcon
            className={classes.insert}
            data-shown={near || selected || undefined}
            style={{ transform: `translate(-50%, -50%) translate(${labelX}px, ${labelY}px)` }}
            size={22}
            radius="xl"
            variant="filled"
            color="sea"
            aria-label={t("canvas.insert")}
            tabIndex={selected ? 0 : -1}
            onMouseEnter={() => setNear(true)}
            onMouseLeave={() => setNear(false)}
            onClick={(event) => {
              const box = event.currentTarget.getBoundingClientRect();
              insert(id, { x: box.right, y: box.bottom });
            }}
          >
            <IconPlus size={14} stroke={2.4} />
          </ActionIcon>
        )}
      </EdgeLabelRenderer>
    </>
  );
}

import { useNodes, useStore, ViewportPortal } from "@xyflow/react";
import { useMemo } from "react";
import type { FlowDocument } from "@/api/types";
import { nodeOf } from "./document";
import { t } from "./en";
import classes from "./LoopFrames.module.css";
import { NODE_HEIGHT, NODE_WIDTH } from "./layout";
import { bodiesOf } from "./loops";
import { FAR_ZOOM } from "./NodeCard";

const MARGIN = 26;
/** Room that each loop inside needs for its own frame. */
const LAYER = 30;
const TITLE = 30;

/** A quiet frame behind the steps that are done for each item of a loop, with the loop's name. */
export function LoopFrames({ document }: { document: FlowDocument }) {
  const nodes = useNodes();
  const far = useStore(({ transform: [, , zoom] }) => zoom < FAR_ZOOM);
  const bodies = useMemo(() => bodiesOf(document), [document]);
  if (bodies.length === 0) return null;
  const places = new Map(nodes.map((node) => [node.id, node]));
  return (
    <ViewportPortal>
      {bodies.map(({ loop, nodes: inside, layers }) => {
        const own = inside.flatMap((id) => places.get(id) ?? []);
        if (own.length === 0) return null;
        const margin = MARGIN + layers * LAYER;
        const left = Math.min(...own.map(({ position }) => position.x)) - margin;
        const top = Math.min(...own.map(({ position }) => position.y)) - margin - TITLE;
        const right = Math.max(
          ...own.map(({ position, measured }) => position.x + (measured?.width ?? NODE_WIDTH)),
        );
        const bottom = Math.max(
          ...own.map(({ position, measured }) => position.y + (measured?.height ?? NODE_HEIGHT)),
        );
        return (
          <div
            key={loop}
            className={classes.frame}
            data-far={far || undefined}
            style={{
              transform: `translate(${left}px, ${top}px)`,
              width: right + margin - left,
              height: bottom + margin - top,
            }}
          >
            <span className={classes.title}>
              {t("loop.frame", { name: nodeOf(document, loop)?.name ?? loop })}
            </span>
          </div>
        );
      })}
    </ViewportPortal>
  );
}

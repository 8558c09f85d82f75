import { ActionIcon, Tooltip } from "@mantine/core";
import {
  IconLayoutDistributeVertical,
  IconMap2,
  IconMaximize,
  IconMinus,
  IconPlus,
  type TablerIcon,
} from "@tabler/icons-react";
import { Panel, useReactFlow } from "@xyflow/react";
import classes from "./CanvasFrame.module.css";
import { t } from "./en";

export const FIT = { padding: 0.1, maxZoom: 1, minZoom: 0.2, duration: 220 };

interface CanvasToolsProps {
  onLayout?: () => void;
  onFit?: () => void;
  onZoom?: () => void;
  minimap?: boolean;
  onMinimap?: (shown: boolean) => void;
  /** One above the other, for a canvas that is wide and low. */
  upright?: boolean;
}

/** Zoom, fit, arrange and minimap, in the lower left corner of the canvas. */
export function CanvasTools(props: CanvasToolsProps) {
  const { onLayout, onFit, onZoom, minimap, onMinimap, upright } = props;
  const flow = useReactFlow();
  const tool = (label: string, Icon: TablerIcon, run: () => void, pressed?: boolean) => (
    <Tooltip label={label} key={label}>
      <ActionIcon
        aria-label={label}
        aria-pressed={pressed}
        variant={pressed ? "light" : "subtle"}
        color={pressed ? "sea" : "gray"}
        onClick={run}
      >
        <Icon size={17} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  );
  const zoom = (run: () => Promise<boolean>) => {
    onZoom?.();
    void run();
  };
  return (
    <Panel position="bottom-left">
      <div className={classes.tools} data-upright={upright || undefined}>
        {tool(t("canvas.zoomIn"), IconPlus, () => zoom(() => flow.zoomIn({ duration: 150 })))}
        {tool(t("canvas.zoomOut"), IconMinus, () => zoom(() => flow.zoomOut({ duration: 150 })))}
        {tool(t("canvas.fit"), IconMaximize, onFit ?? (() => void flow.fitView(FIT)))}
        {onLayout && tool(t("canvas.layout"), IconLayoutDistributeVertical, onLayout)}
        {onMinimap &&
          tool(t("canvas.minimap"), IconMap2, () => onMinimap(!minimap), Boolean(minimap))}
      </div>
    </Panel>
  );
}

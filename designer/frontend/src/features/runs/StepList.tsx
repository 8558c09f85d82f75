import type { Run } from "@/api/types";
import { formatDuration } from "@/shared/time";
import { StatusBadge } from "@/shared/ui";
import { t } from "./en";
import { stepOrder } from "./model";
import classes from "./StepList.module.css";

interface StepListProps {
  run: Run;
  selected: string | null;
  onSelect: (nodeId: string) => void;
}

/** The steps in the order of the flow: the canvas for those who read, and for small screens. */
export function StepList({ run, selected, onSelect }: StepListProps) {
  const nodes = new Map(run.document.nodes.map((node) => [node.id, node]));
  return (
    <ol className={classes.steps} aria-label={t("steps.label")}>
      {stepOrder(run.document).map((id) => {
        const step = run.steps[id];
        return (
          <li key={id}>
            <button
              type="button"
              className={classes.step}
              aria-current={id === selected ? "step" : undefined}
              onClick={() => onSelect(id)}
            >
              <StatusBadge
                status={step?.status ?? "pending"}
                label={step?.call_out ? t("step.callOut") : undefined}
              />
              <span className={classes.name}>{nodes.get(id)?.name ?? id}</span>
              {step && step.attempts > 1 && (
                <span className={classes.fact}>{t("step.attempts", { count: step.attempts })}</span>
              )}
              {step?.duration_ms !== null && step?.duration_ms !== undefined && (
                <span className={classes.fact}>{formatDuration(step.duration_ms)}</span>
              )}
            </button>
          </li>
        );
      })}
    </ol>
  );
}

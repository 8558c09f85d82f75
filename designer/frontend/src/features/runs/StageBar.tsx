import type { Run } from "@/api/types";
import { statusLook } from "@/shared/ui";
import { t } from "./en";
import { stages } from "./model";
import classes from "./StageBar.module.css";

/** How far the document has come, in words of the business. A stage opens its first step. */
export function StageBar({ run, onSelect }: { run: Run; onSelect: (nodeId: string) => void }) {
  return (
    <ol className={classes.bar} aria-label={t("run.stages")}>
      {stages(run).map(({ stage, status, nodes }) => {
        const { icon: Icon, tone, word } = statusLook(status);
        const loud =
          nodes.find((id) => {
            const state = run.steps[id]?.status;
            return state !== "succeeded" && state !== "skipped";
          }) ?? nodes[0];
        const inside = (
          <>
            <Icon size={15} stroke={2} aria-hidden style={{ color: `var(--cw-${tone})` }} />
            <span>{t(`stage.${stage}`)}</span>
            <span className="cw-visually-hidden">: {word}</span>
          </>
        );
        return (
          <li key={stage} className={classes.stage} data-status={status}>
            {loud === undefined ? (
              <span className={classes.word}>{inside}</span>
            ) : (
              <button type="button" className={classes.word} onClick={() => onSelect(loud)}>
                {inside}
              </button>
            )}
          </li>
        );
      })}
    </ol>
  );
}

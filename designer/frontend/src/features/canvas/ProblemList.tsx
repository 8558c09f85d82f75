import { IconAlertTriangle, IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useDesigner } from "./DesignerContext";
import classes from "./Dock.module.css";
import { nodeOf } from "./document";
import { t } from "./en";
import { problemText } from "./nodeInfo";

/** What must or should be mended before publishing; a click goes to the step. */
export function ProblemList() {
  const { problems, checking, document, focusNode } = useDesigner();
  if (problems.length === 0) {
    return (
      <div className={classes.calm} role="status">
        <IconCircleCheck size={17} aria-hidden />
        {checking ? t("problems.checking") : t("problems.none")}
      </div>
    );
  }
  const sorted = [...problems].sort((a, b) => a.severity.localeCompare(b.severity));
  return (
    <ul className={classes.problems} aria-label={t("dock.problems")}>
      {sorted.map((problem) => {
        const node = nodeOf(document, problem.node_id);
        const Icon = problem.severity === "error" ? IconCircleX : IconAlertTriangle;
        return (
          <li key={`${problem.node_id}${problem.code}${problem.field}${problem.message}`}>
            <button
              type="button"
              className={classes.problem}
              data-severity={problem.severity}
              onClick={() => node && focusNode(node.id)}
            >
              <Icon size={16} aria-label={t(`problems.${problem.severity}`)} />
              <span className={classes.where}>{node?.name ?? t("problems.flow")}</span>
              <span>
                {problemText(problem.message, node?.name)}{" "}
                {problem.hint && <span className={classes.hint}>{problem.hint}</span>}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

import { Button } from "@mantine/core";
import { IconAlertCircle, IconAlertTriangle, IconHistory } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { tablesQuery } from "@/features/lookups/queries";
import { ProblemAlert } from "@/shared/ui";
import { putCursor } from "./cursor";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { blockPath, ruleById } from "./model";
import classes from "./Panel.module.css";
import { applyFix } from "./reuse";
import treeCss from "./Tree.module.css";
import type { MappingDocument, MappingFix, MappingProblem } from "./types";
import type { MapperStore } from "./useMapper";
import type { MapperPlace } from "./usePreview";

interface Finding {
  code: string;
  message: string;
  hint: string;
  rule_ids: string[];
  count: number;
  fixes: MappingFix[];
  /** The lookup table that codes are missing in. */
  table?: string | null;
}

interface Checked {
  unused: string[];
  unused_fixes?: Record<string, MappingFix[]>;
  recent: { tried: number; findings: Finding[] };
}

const MOST_UNUSED = 40;

/** What is wrong with the mapping on this sample and on what came lately, with ways to mend it. */
export function Problems({
  problems,
  of,
  store,
  place,
  onShow,
}: {
  problems: MappingProblem[];
  /** The mapping they were found in. */
  of: MappingDocument | undefined;
  store: MapperStore;
  place: MapperPlace;
  onShow: () => void;
}) {
  const { workspace, flowId, nodeId, document, slot, environment } = place;
  const check = useMutation({
    mutationFn: (mapping: MappingDocument) =>
      api.post<Checked>(
        inWorkspace(workspace, `/flows/${encodeURIComponent(flowId)}/mapping-check`),
        { document, node_id: nodeId, mapping_name: slot, mapping, environment },
      ),
    onMutate: () => setLate(false),
  });
  // Somebody wanted a fix of a rule that has been drawn otherwise since it was found.
  const [late, setLate] = useState(false);
  const goTo = (ruleId: string | undefined, target?: string | null, doc = store.doc) => {
    const rule = ruleById(doc, ruleId);
    const key = rule ? (rule.rows ? blockPath(rule) : rule.target) : target;
    if (key === undefined || key === null) return;
    store.reveal("target", key);
    store.select(key);
    onShow();
  };
  const take = (fix: MappingFix, made: MappingDocument | undefined) => {
    const mended = applyFix(store.doc, fix, made);
    if (!mended) {
      setLate(true);
      return;
    }
    setLate(false);
    if (mended.doc !== store.doc) store.change(mended.doc);
    store.say(fix.title);
    if (!mended.open) return;
    goTo(mended.open, undefined, mended.doc);
    putCursor();
  };
  const takeFound = (fix: MappingFix) => take(fix, of);
  const takeRecent = (fix: MappingFix) => take(fix, check.variables);
  const found = check.data;
  return (
    <div>
      <div className={classes.recentBar}>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconHistory size={14} aria-hidden />}
          loading={check.isPending}
          onClick={() => check.mutate(store.doc)}
        >
          {t("recent.check")}
        </Button>
        <span role="status">
          {late && <b>{t("fix.late")} </b>}
          {found &&
            (found.recent.tried === 0
              ? t("recent.none")
              : t("recent.tried", {
                  count: found.recent.tried,
                  findings: found.recent.findings.length,
                }))}
        </span>
      </div>
      {check.error && <ProblemAlert error={check.error} />}
      {problems.length === 0 && <p className={classes.allWell}>{t("panel.no_problems")}</p>}
      <ul className={classes.problems}>
        {problems.map((problem) => (
          <Line
            key={`${problem.code}:${problem.rule_id}:${problem.target}:${problem.message}`}
            severity={problem.severity}
            message={problem.message}
            hint={problem.hint}
            place={ruleById(store.doc, problem.rule_id)?.target ?? problem.target}
            fixes={problem.fixes}
            onFix={takeFound}
            onOpen={() => goTo(problem.rule_id, problem.target)}
          />
        ))}
        {found?.recent.findings.map((finding) => (
          <Line
            key={`${finding.code}:${finding.message}`}
            severity="warning"
            message={`${finding.message} ${t("recent.count", { count: finding.count })}`}
            hint={finding.hint}
            place={ruleById(store.doc, finding.rule_ids[0])?.target}
            fixes={finding.fixes}
            table={finding.table}
            environment={environment}
            onFix={takeRecent}
            onOpen={() => goTo(finding.rule_ids[0])}
          />
        ))}
      </ul>
      {found && found.unused.length > 0 && (
        <details className={classes.unused}>
          <summary>{t("recent.unused", { count: found.unused.length })}</summary>
          <ul>
            {found.unused.slice(0, MOST_UNUSED).map((path) => (
              <li key={path}>
                <button type="button" onClick={() => store.reveal("source", path)}>
                  <code>{path}</code>
                </button>
                <Fixes fixes={found.unused_fixes?.[path] ?? []} onFix={takeRecent} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function Line({
  severity,
  message,
  hint,
  place,
  fixes,
  table,
  environment,
  onFix,
  onOpen,
}: {
  severity: MappingProblem["severity"];
  message: string;
  hint?: string | null;
  place?: string;
  fixes?: MappingFix[];
  table?: string | null;
  environment?: string;
  onFix: (fix: MappingFix) => void;
  onOpen: () => void;
}) {
  return (
    <li>
      <button type="button" onClick={onOpen}>
        <span className={treeCss.problem} data-severity={severity}>
          {severity === "error" ? (
            <IconAlertCircle size={15} aria-hidden />
          ) : (
            <IconAlertTriangle size={15} aria-hidden />
          )}
        </span>
        <span>
          {message}
          {hint ? <span className={classes.problemHint}>{hint}</span> : null}
        </span>
        <code>{place}</code>
      </button>
      <Fixes fixes={fixes ?? []} onFix={onFix}>
        {table && <TableLink name={table} environment={environment ?? ""} />}
      </Fixes>
    </li>
  );
}

/** Buttons that mend something; none where there is nothing to press. */
function Fixes({
  fixes,
  onFix,
  children,
}: {
  fixes: MappingFix[];
  onFix: (fix: MappingFix) => void;
  children?: ReactNode;
}) {
  if (fixes.length === 0 && !children) return null;
  return (
    <fieldset className={classes.fixes} aria-label={t("fix.label")}>
      {fixes.map((fix) => (
        <Button key={fix.title} size="compact-sm" variant="default" onClick={() => onFix(fix)}>
          {fix.title}
        </Button>
      ))}
      {children}
    </fieldset>
  );
}

/** Leads to a lookup table in a window of its own, so that nothing that is drawn is left. */
function TableLink({ name, environment }: { name: string; environment: string }) {
  const { workspace } = useExprEnv();
  const { data = [] } = useQuery(tablesQuery(workspace ?? "", environment));
  const found = data.find((table) => table.slug === name || table.name === name);
  const place = `/w/${workspace}/lookups${found ? `/${found.id}` : ""}`;
  return (
    <Button
      component="a"
      href={`${place}?env=${encodeURIComponent(environment)}`}
      target="_blank"
      size="compact-sm"
      variant="default"
    >
      {t("fix.table", { name: found?.name ?? name })}
    </Button>
  );
}

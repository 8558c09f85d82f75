import { IconTableShortcut } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import type { Page } from "@/api/types";
import { Actions, Asked, useAsking } from "./BlockMenu";
import classes from "./Blocks.module.css";
import { Block } from "./ExprBlocks";
import { ExprEditor } from "./ExprEditor";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { constant, HOLE } from "./expressions";
import type { Of } from "./exprKinds";
import type { Expr } from "./types";

interface Table {
  id: string;
  name: string;
  slug: string;
  columns: { name: string; title: string; key: boolean }[];
}

const POLICIES = ["hold", "fail", "missing", "otherwise"] as const;
const textOf = (expr: Expr | undefined): string =>
  expr?.op === "const" && typeof expr.value === "string" ? expr.value : "";

/** Translating a code by a table of the workspace, and what happens when it has no such entry. */
export function Lookup(props: Of<"call">) {
  const env = useExprEnv();
  const { popover, onKind, ask } = useAsking(props);
  const { expr, onChange } = props;
  const { workspace, environment } = env;
  const tables = useQuery({
    queryKey: [workspace, "lookups", environment, "mapper"],
    queryFn: async ({ signal }) =>
      (
        await api.get<Page<Table>>(
          inWorkspace(workspace ?? "", "/lookups"),
          { environment, limit: 200 },
          signal,
        )
      ).items,
    enabled: Boolean(workspace),
  });
  const [table, key, column, miss, other] = expr.args;
  const name = textOf(table);
  const known = tables.data ?? [];
  const chosen = known.find((found) => found.slug === name || found.name === name);
  const policy = textOf(miss) || "hold";
  const write = (change: {
    table?: Expr;
    key?: Expr;
    column?: string;
    miss?: string;
    other?: Expr;
  }) => {
    const next = change.miss ?? policy;
    const args: Expr[] = [
      change.table ?? table ?? constant(""),
      change.key ?? key ?? HOLE,
      constant(change.column ?? textOf(column)),
      constant(next),
    ];
    if (next === "otherwise") args.push(change.other ?? other ?? HOLE);
    onChange({ ...expr, args });
  };
  const title = t("expr.lookup");
  return (
    <Block
      icon={IconTableShortcut}
      tone="call"
      label={`${title}: ${props.label}`}
      title={
        <Asked {...popover}>
          <button type="button" className={classes.blockName} onClick={() => ask("call")}>
            {title}
          </button>
        </Asked>
      }
      actions={<Actions {...props} ask={ask} onKind={onKind} />}
    >
      <div className={classes.branches}>
        <span className={classes.slotName}>{t("lookup.table")}</span>
        <select
          className={classes.constInput}
          aria-label={t("lookup.table")}
          value={chosen?.slug ?? name}
          onChange={(event) => write({ table: constant(event.currentTarget.value), column: "" })}
        >
          <option value="">{t(known.length ? "lookup.choose" : "lookup.none")}</option>
          {name && !chosen && <option value={name}>{name}</option>}
          {known.map((found) => (
            <option key={found.id} value={found.slug}>
              {found.name}
            </option>
          ))}
        </select>
        <span className={classes.slotName}>{t("lookup.key")}</span>
        <ExprEditor
          expr={key ?? HOLE}
          label={t("lookup.key")}
          onChange={(part) => write({ key: part })}
        />
        <span className={classes.slotName}>{t("lookup.column")}</span>
        <select
          className={classes.constInput}
          aria-label={t("lookup.column")}
          value={textOf(column)}
          onChange={(event) => write({ column: event.currentTarget.value })}
        >
          <option value="">{t("lookup.first_column")}</option>
          {(chosen?.columns ?? [])
            .filter((c) => !c.key)
            .map((c) => (
              <option key={c.name} value={c.name}>
                {c.title || c.name}
              </option>
            ))}
        </select>
        <span className={classes.slotName}>{t("lookup.miss")}</span>
        <span className={classes.part}>
          <select
            className={classes.constInput}
            aria-label={t("lookup.miss")}
            value={policy}
            onChange={(event) => write({ miss: event.currentTarget.value })}
          >
            {POLICIES.map((value) => (
              <option key={value} value={value}>
                {t(`lookup.${value}`)}
              </option>
            ))}
          </select>
          {policy === "otherwise" && (
            <ExprEditor
              expr={other ?? HOLE}
              label={t("lookup.other_value")}
              type={props.type}
              choices={props.choices}
              onChange={(part) => write({ other: part })}
            />
          )}
        </span>
      </div>
    </Block>
  );
}

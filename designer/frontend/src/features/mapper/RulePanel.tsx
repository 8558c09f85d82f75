import { ActionIcon, Switch, Tooltip } from "@mantine/core";
import { IconAlertCircle, IconTrash } from "@tabler/icons-react";
import { ExprEditor } from "./ExprEditor";
import { t } from "./en";
import { HOLE, isHole } from "./expressions";
import {
  blockPath,
  ensureRows,
  fieldAt,
  patchRule,
  rootField,
  ruleById,
  setExpr,
  valueRule,
} from "./model";
import classes from "./Panel.module.css";
import { parsePath } from "./paths";
import { RowsEditor } from "./RowsEditor";
import { RuleSettings } from "./RuleSettings";
import { type Field, isScalar } from "./schemaTree";
import { TypeGlyph } from "./TypeGlyph";
import type { Expr, JsonSchema, MappingDocument, MappingProblem, Preview, Rule } from "./types";
import type { MapperStore } from "./useMapper";
import { emptyText, liveText } from "./values";

interface RulePanelProps {
  store: MapperStore;
  targetSchema: JsonSchema;
  preview: Preview | undefined;
  lists: { path: string; title: string }[];
}

/** The block of the path `Line[b1]`, when the path ends in one. */
function blockAt(doc: MappingDocument, path: string): Rule | undefined {
  return ruleById(doc, parsePath(path).at(-1)?.brackets.at(-1));
}

/** How the chosen target is filled, block by block. */
export function RulePanel({ store, targetSchema, preview, lists }: RulePanelProps) {
  const { doc, selected } = store;
  if (selected === null) {
    return (
      <div className={classes.nothing}>
        <p>{t("panel.nothing")}</p>
        <p>{t("panel.nothing_hint")}</p>
      </div>
    );
  }
  const block = blockAt(doc, selected);
  if (block?.rows && blockPath(block) === selected) {
    return (
      <RowsEditor
        key={block.id}
        store={store}
        block={block}
        lists={lists}
        problem={problemOf(preview, block)}
      />
    );
  }
  const field =
    selected === "" ? rootField(targetSchema) : fieldAt(rootField(targetSchema), selected);
  return (
    <ValueEditor
      key={selected}
      store={store}
      target={selected}
      field={field}
      rule={valueRule(doc, selected)}
      preview={preview}
    />
  );
}

function problemOf(
  preview: Preview | undefined,
  rule: Rule | undefined,
): MappingProblem | undefined {
  return preview?.problems.find((p) => rule && p.rule_id === rule.id);
}

function ValueEditor({
  store,
  target,
  field,
  rule,
  preview,
}: {
  store: MapperStore;
  target: string;
  field: Field | null;
  rule: Rule | undefined;
  preview: Preview | undefined;
}) {
  const { doc } = store;
  const type = field?.type ?? "any";
  const value = rule ? preview?.values[rule.id] : undefined;
  const live = liveText(value);
  const failure = live?.error ?? problemOf(preview, rule)?.message ?? null;
  const set = (expr: Expr) => {
    const [next, path] = ensureRows(doc, target);
    store.change(setExpr(next, path, expr), path);
    if (path !== target) store.reveal("target", path);
  };
  const label = field?.title || target || t("target.document");
  const hint =
    type === "list"
      ? t("panel.unmapped_list")
      : type === "object"
        ? t("panel.unmapped_group")
        : null;

  return (
    <div className={classes.rule}>
      <div className={classes.ruleHead}>
        <TypeGlyph type={type} />
        <span className={classes.ruleTitle}>{label}</span>
        {target !== label && <code className={classes.rulePath}>{target}</code>}
        <span className={classes.ruleType}>
          {t(`type.${type}`)}
          {field?.required ? `, ${t("target.required")}` : ""}
          {field?.schema.maxLength
            ? `, ${t("rule.max_length", { count: field.schema.maxLength })}`
            : ""}
        </span>
        <span className={classes.spacer} />
        {rule && (
          <>
            {!failure && (
              <output className={classes.live}>
                <span className={classes.liveLabel}>{t("rule.result")}</span>
                <span className={classes.liveValue} data-empty={live?.empty || undefined}>
                  {!live ? "–" : live.empty ? emptyText(live) : live.text}
                  {live && live.more > 0 && <em>{t("rule.more", { count: live.more })}</em>}
                </span>
              </output>
            )}
            <Switch
              size="xs"
              label={t(rule.disabled ? "rule.disabled" : "rule.in_use")}
              labelPosition="left"
              checked={!rule.disabled}
              aria-label={t("rule.in_use")}
              onChange={(event) =>
                store.change(
                  patchRule(doc, rule.id, {
                    disabled: event.currentTarget.checked ? undefined : true,
                  }),
                )
              }
            />
            <Tooltip label={t("rule.remove")}>
              <ActionIcon aria-label={t("rule.remove")} onClick={() => store.remove(rule.id)}>
                <IconTrash size={16} stroke={1.7} />
              </ActionIcon>
            </Tooltip>
          </>
        )}
      </div>
      {failure && (
        <output className={classes.live} data-error>
          <IconAlertCircle size={15} aria-hidden /> {failure}
        </output>
      )}
      {field?.description && <p className={classes.ruleText}>{field.description}</p>}
      {!rule && <p className={classes.ruleText}>{hint ?? t("panel.unmapped")}</p>}
      <div className={classes.ruleBody}>
        <div className={classes.ruleExpr} data-part="value">
          <ExprEditor
            expr={rule?.expr ?? HOLE}
            label={label}
            type={isScalar(type) ? type : "text"}
            choices={field?.enum}
            onChange={set}
          />
        </div>
        {rule && !isHole(rule.expr) && <RuleSettings store={store} rule={rule} field={field} />}
      </div>
    </div>
  );
}

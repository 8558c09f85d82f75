import {
  ActionIcon,
  Button,
  Input,
  NativeSelect,
  Switch,
  Text,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { IconAlertCircle, IconPlus, IconTrash, IconX } from "@tabler/icons-react";
import { ConditionList } from "./ConditionBuilder";
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
  setRows,
  valueRule,
} from "./model";
import classes from "./Panel.module.css";
import { parsePath } from "./paths";
import { type Field, isScalar } from "./schemaTree";
import { TypeGlyph } from "./TypeGlyph";
import type {
  Expr,
  JsonSchema,
  MappingDocument,
  MappingProblem,
  OnMissing,
  Preview,
  Rule,
} from "./types";
import type { MapperStore } from "./useMapper";
import { liveText } from "./values";

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
      <RowsEditor key={block.id} store={store} block={block} lists={lists} preview={preview} />
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
                  {!live || live.empty ? t("rule.empty_value") : live.text}
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
        <div className={classes.ruleExpr}>
          <ExprEditor
            expr={rule?.expr ?? HOLE}
            label={label}
            type={isScalar(type) ? type : "text"}
            choices={field?.enum}
            onChange={set}
          />
        </div>
        {rule && !isHole(rule.expr) && <Settings store={store} rule={rule} field={field} />}
      </div>
    </div>
  );
}

function Settings({ store, rule, field }: { store: MapperStore; rule: Rule; field: Field | null }) {
  const { doc } = store;
  return (
    <div className={classes.settings}>
      <NativeSelect
        size="xs"
        label={t("rule.missing")}
        value={rule.on_missing ?? "omit"}
        data={(["omit", "null", "fail"] as OnMissing[]).map((value) => ({
          value,
          label: t(`rule.missing.${value}`),
        }))}
        onChange={(event) => {
          const value = event.currentTarget.value as OnMissing;
          store.change(
            patchRule(doc, rule.id, { on_missing: value === "omit" ? undefined : value }),
          );
        }}
      />
      <Input.Wrapper size="xs" label={t("rule.default")} labelElement="div">
        {rule.default ? (
          <span className={classes.fallback}>
            <ExprEditor
              expr={rule.default}
              label={t("rule.default")}
              type={field && isScalar(field.type) ? field.type : "text"}
              choices={field?.enum}
              onChange={(expr) => store.change(patchRule(doc, rule.id, { default: expr }))}
            />
            <ActionIcon
              size="sm"
              aria-label={t("rule.remove_default")}
              onClick={() => store.change(patchRule(doc, rule.id, { default: undefined }))}
            >
              <IconX size={13} />
            </ActionIcon>
          </span>
        ) : (
          <Button
            variant="default"
            size="xs"
            fullWidth
            justify="flex-start"
            fw={400}
            leftSection={<IconPlus size={13} aria-hidden />}
            onClick={() =>
              store.change(patchRule(doc, rule.id, { default: { op: "const", value: "" } }))
            }
          >
            {t("rule.add_default")}
          </Button>
        )}
      </Input.Wrapper>
      <CommentField
        label={t("rule.comment")}
        placeholder={t("rule.comment_hint")}
        value={rule.comment ?? ""}
        onChange={(comment) =>
          store.change(patchRule(doc, rule.id, { comment: comment || undefined }))
        }
      />
    </div>
  );
}

/** A text that is one step of undo, however many keys it took. */
function CommentField({
  label,
  placeholder,
  value,
  onChange,
}: {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <TextInput
      key={value}
      size="xs"
      label={label}
      placeholder={placeholder}
      defaultValue={value}
      onBlur={(event) => {
        if (event.currentTarget.value !== value) onChange(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
      }}
    />
  );
}

function RowsEditor({
  store,
  block,
  lists,
  preview,
}: {
  store: MapperStore;
  block: Rule;
  lists: { path: string; title: string }[];
  preview: Preview | undefined;
}) {
  const { doc } = store;
  const rows = block.rows ?? {};
  const problem = problemOf(preview, block);
  const known = lists.some((l) => l.path === rows.each);
  return (
    <div className={classes.rule}>
      <div className={classes.ruleHead}>
        <TypeGlyph type="list" />
        <span className={classes.ruleTitle}>{t("rows.label", { list: block.target })}</span>
        <code className={classes.rulePath}>{blockPath(block)}</code>
        <span className={classes.spacer} />
        <Tooltip label={t("rows.remove")}>
          <ActionIcon aria-label={t("rows.remove")} onClick={() => store.remove(block.id)}>
            <IconTrash size={16} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </div>
      {problem && (
        <output className={classes.live} data-error>
          {problem.message}
        </output>
      )}
      <div className={classes.rowsGrid}>
        <CommentField
          label={t("rows.name")}
          placeholder={t("rows.name_hint")}
          value={block.comment ?? ""}
          onChange={(comment) =>
            store.change(patchRule(doc, block.id, { comment: comment || undefined }))
          }
        />
        <NativeSelect
          size="xs"
          label={t("rows.source")}
          value={rows.each ?? ""}
          data={[
            { value: "", label: t("rows.one") },
            ...(rows.each && !known ? [{ value: rows.each, label: rows.each }] : []),
            ...lists.map((l) => ({
              value: l.path,
              label: `${t("rows.each", { title: l.title })} (${l.path})`,
            })),
          ]}
          onChange={(event) =>
            store.change(setRows(doc, block.id, { each: event.currentTarget.value || undefined }))
          }
        />
        <div className={classes.wide}>
          <Text size="xs" fw={500} mb={3}>
            {t("rows.when")}
          </Text>
          <ConditionList
            label={t("rows.when")}
            value={rows.when}
            onChange={(when) => store.change(setRows(doc, block.id, { when }))}
          />
        </div>
        {rows.each && (
          <div className={classes.wide}>
            <Text size="xs" fw={500} mb={3}>
              {t("rows.where")}
            </Text>
            <ConditionList
              label={t("rows.where")}
              value={rows.where}
              onChange={(where) => store.change(setRows(doc, block.id, { where }))}
            />
          </div>
        )}
      </div>
    </div>
  );
}

import { ActionIcon, Button, Input, Menu, NativeSelect, Tooltip } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { CommentField } from "./CommentField";
import { ExprEditor } from "./ExprEditor";
import { t } from "./en";
import { HOLE } from "./expressions";
import { blockPath, patchRule, setRows } from "./model";
import { NameInput } from "./NameInput";
import classes from "./Panel.module.css";
import { addStep, STEP_KINDS, stepsOf } from "./rowSteps";
import { StepCard } from "./StepCard";
import { TypeGlyph } from "./TypeGlyph";
import type { MappingProblem, Rows, Rule } from "./types";
import type { MapperStore } from "./useMapper";

const COMPUTED = "\n";

/** What makes the rows of a block: the list they run over, and the steps that shape them. */
export function RowsEditor({
  store,
  block,
  lists,
  problem,
}: {
  store: MapperStore;
  block: Rule;
  lists: { path: string; title: string }[];
  problem: MappingProblem | undefined;
}) {
  const { doc } = store;
  const rows = block.rows ?? {};
  const known = lists.some((l) => l.path === rows.each);
  const set = (patch: { [Key in keyof Rows]?: Rows[Key] | undefined }) =>
    store.change(setRows(doc, block.id, patch));
  const loops = Boolean(rows.each || rows.items);
  const present = stepsOf(rows);
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
          wrapperProps={{ "data-part": "value" }}
          value={rows.items ? COMPUTED : (rows.each ?? "")}
          data={[
            { value: "", label: t("rows.one") },
            ...(rows.each && !known ? [{ value: rows.each, label: rows.each }] : []),
            ...lists.map((l) => ({
              value: l.path,
              label: `${t("rows.each", { title: l.title })} (${l.path})`,
            })),
            { value: COMPUTED, label: t("rows.computed") },
          ]}
          onChange={(event) => {
            const value = event.currentTarget.value;
            if (value === COMPUTED) set({ each: undefined, items: rows.items ?? HOLE });
            else set({ each: value || undefined, items: undefined });
          }}
        />
        {loops && (
          <NameInput
            label={t("rows.as")}
            placeholder={t("rows.as_hint")}
            value={rows.as ?? ""}
            onChange={(as) => set({ as: as || undefined })}
          />
        )}
        {rows.items && (
          <Input.Wrapper size="xs" label={t("rows.computed_label")} labelElement="div">
            <div>
              <ExprEditor
                expr={rows.items}
                label={t("rows.computed_label")}
                type="list"
                onChange={(items) => set({ items })}
              />
            </div>
          </Input.Wrapper>
        )}
      </div>
      <section className={classes.steps} aria-label={t("rows.steps")}>
        {present.map((kind) => (
          <StepCard key={kind} kind={kind} rows={rows} onChange={set} />
        ))}
        <Menu position="bottom-start" width={290} withinPortal>
          <Menu.Target>
            <Button
              variant="default"
              size="xs"
              fw={500}
              leftSection={<IconPlus size={13} aria-hidden />}
            >
              {t("rows.add_step")}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {STEP_KINDS.filter((kind) => loops || kind === "when").map((kind) => (
              <Menu.Item
                key={kind}
                disabled={present.includes(kind) && kind !== "join" && kind !== "running"}
                onClick={() => set(addStep(kind, rows, doc, block))}
              >
                {t(`rows.step.${kind}`)}
                <span className={classes.stepHint}>{t(`rows.step.${kind}_hint`)}</span>
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </section>
    </div>
  );
}

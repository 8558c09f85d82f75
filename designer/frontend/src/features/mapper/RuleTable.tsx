import { Popover, SegmentedControl, TextInput } from "@mantine/core";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useDeferredValue, useMemo, useState } from "react";
import { BlocksCell, NoteCell, PlaceEnv, TextCell } from "./CellEditor";
import { t } from "./en";
import { ExprEnvContext, useExprEnv } from "./exprEnv";
import { textOfExpr } from "./exprText";
import { FieldPicker } from "./FieldPicker";
import { FormulaCell } from "./FormulaCell";
import { type Done, type Edit, RuleGrid } from "./RuleGrid";
import classes from "./RuleGrid.module.css";
import { arranged, type Column, type GridRow, gridRows, type Sorting } from "./tableRows";
import { type TargetFilter, targetNodes } from "./treeRows";
import type { Expr, JsonSchema, Preview } from "./types";
import type { MapperStore } from "./useMapper";
import { useRuleEdits } from "./useRuleEdits";

const FILTERS: TargetFilter[] = ["all", "mapped", "unmapped", "required", "problems"];

interface RuleTableProps {
  store: MapperStore;
  preview: Preview | undefined;
  targetSchema: JsonSchema;
}

/** Every rule as a row of a spreadsheet, for those who prefer a grid. */
export function RuleTable({ store, preview, targetSchema }: RuleTableProps) {
  const env = useExprEnv();
  const { doc, selected, readOnly } = store;
  const [search, setSearch] = useState("");
  const [filter, setFilter] = useState<TargetFilter>("all");
  const [sort, setSort] = useState<Sorting | null>(null);
  const [added, setAdded] = useState<string[]>([]);
  const wanted = useDeferredValue(search);
  const edits = useRuleEdits(store, targetSchema);
  const { titleOf, fnTitle } = env;
  const all = useMemo(
    () =>
      gridRows({
        doc,
        preview,
        names: { title: titleOf, fn: fnTitle },
        schema: targetSchema,
        filter,
        added,
      }),
    [doc, preview, titleOf, fnTitle, targetSchema, filter, added],
  );
  const rows = useMemo(() => arranged(all, wanted, sort), [all, wanted, sort]);

  const onSort = (column: Column) =>
    setSort((now) =>
      now?.column !== column ? { column, down: false } : now.down ? null : { column, down: true },
    );

  return (
    <section className={classes.side} data-part="rules" aria-label={t("table.label")}>
      <div className={classes.bar}>
        <TextInput
          size="xs"
          w={240}
          aria-label={t("table.search")}
          placeholder={t("table.search")}
          leftSection={<IconSearch size={14} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <SegmentedControl
          size="xs"
          aria-label={t("filter.label")}
          value={filter}
          onChange={(value) => setFilter(value as TargetFilter)}
          data={FILTERS.map((value) => ({ value, label: t(`filter.${value}`) }))}
        />
        <span role="status">{t("table.count", { count: rows.length })}</span>
      </div>
      {rows.length === 0 && <p className={classes.none}>{t("table.none")}</p>}
      <RuleGrid
        rows={rows}
        selected={selected}
        readOnly={readOnly}
        sort={sort}
        onSort={onSort}
        actions={{
          ...edits,
          mayEdit: (row, column) =>
            readOnly
              ? t("mapper.read_only")
              : row.rule || column === "how"
                ? true
                : t("table.first_fill"),
          openInstead: (row, column) => {
            if (!edits.isBlock(row) || column === "comment") return false;
            edits.open(row);
            edits.say(t("table.rows_details"));
            return true;
          },
        }}
        editor={(row, edit, done) => (
          <PlaceEnv doc={doc} place={row.place}>
            <Cell row={row} edit={edit} done={done} edits={edits} />
          </PlaceEnv>
        )}
        adder={(open, close) => (
          <Adder
            open={open}
            schema={targetSchema}
            store={store}
            onPick={(place) => {
              if (place !== null) {
                setSearch("");
                setFilter("all");
                setAdded((before) => [...before.filter((one) => one !== place), place]);
              }
              close(place);
            }}
          />
        )}
      />
    </section>
  );
}

/** The editor of one cell: a line of text, or blocks where they are asked for or have none. */
function Cell({
  row,
  edit,
  done,
  edits,
}: {
  row: GridRow;
  edit: Edit;
  done: Done;
  edits: ReturnType<typeof useRuleEdits>;
}) {
  const { rule } = row;
  const { column, typed } = edit;
  const label = t("table.cell", {
    column: t(`table.${column}`),
    target: row.cells.target || row.place,
  });
  const onCancel = () => done("stay");
  if (column === "comment") {
    return (
      <NoteCell
        label={label}
        start={typed ?? rule?.comment ?? ""}
        onCancel={onCancel}
        onText={(text, move) => {
          edits.note(row, text);
          done(move);
        }}
      />
    );
  }
  const kind = column === "when" ? "condition" : "value";
  const expr = column === "when" ? rule?.when : column === "fallback" ? rule?.default : rule?.expr;
  const original = textOfExpr(expr, kind);
  const field = column === "when" ? null : edits.fieldOf(row);
  const common = {
    label,
    kind,
    field,
    onCancel,
    onExpr: (next: Expr | undefined, move: Parameters<Done>[0]) => {
      done(move, edits.put(row, column, next));
    },
  } as const;
  const blocks = (
    <BlocksCell {...common} expr={expr}>
      <span className={classes.held}>{row.cells[column]}</span>
    </BlocksCell>
  );
  if (edit.as === "blocks") return blocks;
  if (expr && original === null && typed === null) {
    return (
      <FormulaCell
        {...common}
        expr={expr}
        shown={row.cells[column]}
        onKeep={(move) => done(move)}
        onBlocks={() => done("stay", undefined, true)}
      >
        {blocks}
      </FormulaCell>
    );
  }
  return (
    <TextCell
      {...common}
      original={original}
      start={typed ?? original ?? ""}
      onKeep={(move) => done(move)}
      onBlocks={() => done("stay", undefined, true)}
    />
  );
}

/** Chooses a target field that is to be filled. */
function Adder({
  open,
  schema,
  store,
  onPick,
}: {
  open: boolean;
  schema: JsonSchema;
  store: MapperStore;
  onPick: (place: string | null) => void;
}) {
  const env = useExprEnv();
  const { doc } = store;
  const targets = useMemo(() => {
    const nodes = open ? targetNodes(schema, doc, schema.title ?? "") : [];
    return {
      ...env,
      nodes,
      sources: [{ path: "", title: "", icon: null, schema }],
      context: undefined,
    };
  }, [env, open, schema, doc]);
  return (
    <Popover
      opened={open}
      onChange={(opened) => !opened && onPick(null)}
      position="top-start"
      shadow="lg"
      radius="md"
      trapFocus
      withRoles={false}
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <span className={classes.add}>
          <IconPlus size={13} aria-hidden /> {t("table.add")}
        </span>
      </Popover.Target>
      <Popover.Dropdown
        p={8}
        role="dialog"
        aria-label={t("table.add_list")}
        onClick={(event) => event.stopPropagation()}
      >
        <ExprEnvContext.Provider value={targets}>
          <FieldPicker
            value={undefined}
            words={{ list: t("table.add_list"), search: t("table.add_search") }}
            onPick={onPick}
          />
        </ExprEnvContext.Provider>
      </Popover.Dropdown>
    </Popover>
  );
}

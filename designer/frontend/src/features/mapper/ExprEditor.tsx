import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { Actions, Asked, KindItems, useAsking } from "./BlockMenu";
import classes from "./Blocks.module.css";
import { ConstInput } from "./ConstInput";
import { Call, Code, Concat, If } from "./ExprBlocks";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import type { ExprEditorProps, Of } from "./exprKinds";
import { Lookup } from "./LookupBlock";
import { lastName } from "./paths";
import { TypeGlyph } from "./TypeGlyph";
import { fieldOfSource } from "./treeRows";
import type { Expr } from "./types";
import { shortText, valueAt } from "./values";

/** An expression as nested blocks, each of which can be changed, wrapped or taken out. */
export function ExprEditor(props: ExprEditorProps) {
  const { box, onChange } = useKeptFocus(props);
  return (
    <span ref={box} className={classes.place}>
      <Kind {...props} onChange={onChange} />
    </span>
  );
}

const NEXT = ["[data-hole]", "input, select, textarea", "button"];

const WATCH_MS = 600;
const LOOK_MS = 16;
/** A block around the one that changed steps in later, if that one is itself gone. */
const AROUND_MS = 120;

/** Whether a change is on its way up from a block to the blocks around it. */
let onItsWay = false;

/**
 * Where a change takes the focused block away, the keyboard goes on in what came instead.
 *
 * The focus may fall to the page only some frames later, when the list that was chosen from is
 * gone; so the block that changed looks after it for a moment.
 */
function useKeptFocus({ expr, onChange }: ExprEditorProps) {
  const box = useRef<HTMLSpanElement>(null);
  const changed = useRef<"here" | "inside" | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: looks whenever the expression is another
  useEffect(() => {
    if (!changed.current) return;
    const end = performance.now() + WATCH_MS;
    let timer = setTimeout(look, changed.current === "here" ? 0 : AROUND_MS);
    changed.current = null;
    function look() {
      const at = document.activeElement;
      if (at && at !== document.body) {
        if (performance.now() < end) timer = setTimeout(look, LOOK_MS);
        return;
      }
      const found = NEXT.map((next) => box.current?.querySelector<HTMLElement>(next));
      found.find(Boolean)?.focus();
    }
    return () => clearTimeout(timer);
  }, [expr]);
  return {
    box,
    onChange: (next: Expr) => {
      const here = !onItsWay;
      changed.current = here ? "here" : "inside";
      onItsWay = true;
      onChange(next);
      if (here) onItsWay = false;
    },
  };
}

function Kind(props: ExprEditorProps) {
  const { expr } = props;
  switch (expr.op) {
    case "hole":
      return <Hole {...props} />;
    case "field":
      return <FieldChip {...props} expr={expr} />;
    case "const":
      return <Constant {...props} expr={expr} />;
    case "call":
      return expr.fn === "lookup_table" ? (
        <Lookup {...props} expr={expr} />
      ) : (
        <Call {...props} expr={expr} />
      );
    case "concat":
      return <Concat {...props} expr={expr} />;
    case "if":
      return <If {...props} expr={expr} />;
    case "jsonata":
      return <Code {...props} expr={expr} />;
  }
}

function Hole(props: ExprEditorProps) {
  const { popover, onKind } = useAsking(props);
  const { nested } = useExprEnv();
  return (
    <Asked {...popover}>
      <span className={classes.holeSlot}>
        <Menu withinPortal={!nested} position="bottom-start" width={200}>
          <Menu.Target>
            <button
              type="button"
              className={classes.hole}
              data-hole
              aria-label={`${t("expr.choose")} ${props.label}`}
            >
              <IconPlus size={13} aria-hidden /> {t("expr.choose")}
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            <KindItems expr={props.expr} onKind={onKind} />
          </Menu.Dropdown>
        </Menu>
        {props.onRemove && (
          <ActionIcon size="xs" aria-label={t("expr.remove_part")} onClick={props.onRemove}>
            <IconX size={12} />
          </ActionIcon>
        )}
      </span>
    </Asked>
  );
}

function FieldChip(props: Of<"field">) {
  const env = useExprEnv();
  const { popover, onKind, ask } = useAsking(props);
  const { path } = props.expr;
  const source = env.sources.find((s) => path === s.path || path.startsWith(`${s.path}.`));
  const field = source ? fieldOfSource(source, path) : null;
  const found = valueAt(env.context, path);
  const known = field !== null || found.present || env.sources.length === 0;
  return (
    <span className={classes.leaf}>
      <Asked {...popover}>
        <Tooltip label={known ? path : `${t("expr.gone")}: ${path}`} withinPortal>
          <button
            type="button"
            className={classes.chip}
            data-broken={!known || undefined}
            aria-label={`${props.label}: ${env.titleOf(path) ?? lastName(path)}`}
            onClick={() => ask("field")}
          >
            <TypeGlyph type={field?.type ?? "any"} />
            <span className={classes.chipTitle}>{env.titleOf(path) ?? lastName(path)}</span>
            {found.present && (
              <span className={classes.chipValue}>
                {found.value === null ? t("rule.empty_value") : shortText(found.value, 26)}
              </span>
            )}
          </button>
        </Tooltip>
      </Asked>
      <Actions {...props} ask={ask} onKind={onKind} />
    </span>
  );
}

function Constant(props: Of<"const">) {
  const { popover, onKind, ask } = useAsking(props);
  const plain = props.expr.value === null || typeof props.expr.value !== "object";
  return (
    <span className={classes.leaf}>
      <Asked {...popover}>
        <span className={classes.constant}>
          {plain ? (
            <ConstInput
              label={`${t("expr.const")}: ${props.label}`}
              value={props.expr.value}
              type={props.type ?? "text"}
              choices={props.choices}
              placeholder={t("target.enter")}
              className={classes.constInput}
              onCommit={(value) => props.onChange({ op: "const", value: value ?? "" })}
            />
          ) : (
            <code>{JSON.stringify(props.expr.value)}</code>
          )}
        </span>
      </Asked>
      <Actions {...props} ask={ask} onKind={onKind} />
    </span>
  );
}

import { ActionIcon, Button, Popover, Tooltip } from "@mantine/core";
import { IconAlertCircle, IconBlocks } from "@tabler/icons-react";
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { asProblem } from "@/api/client";
import { ConditionList } from "./ConditionBuilder";
import { completionsAt } from "./completion";
import { ExprEditor } from "./ExprEditor";
import { t } from "./en";
import { ExprEnvContext, useExprEnv, useMakeEnv } from "./exprEnv";
import { HOLE } from "./expressions";
import { type CellKind, exprAtOnce, exprFromFormula, formulaIn } from "./exprText";
import classes from "./RuleGrid.module.css";
import { type Field, isScalar } from "./schemaTree";
import { variablesAt, withVariables } from "./scopes";
import { placeOf } from "./textSync";
import type { Expr, MappingDocument } from "./types";

/** Where the keyboard goes when a cell is filled; "leave" when it has gone already. */
export type Move = "down" | "right" | "left" | "stay" | "leave";

/** What may be read at a place: the documents, and the loop variables around it. */
export function PlaceEnv({
  doc,
  place,
  children,
}: {
  doc: MappingDocument;
  place: string;
  children: ReactNode;
}) {
  const env = useExprEnv();
  const { sources, context, workspace, environment } = env;
  const trees = useMemo(() => sources.filter((one) => !one.path.startsWith("$")), [sources]);
  const [readable, seen] = useMemo(() => {
    const variables = variablesAt(doc, place, trees);
    return [[...trees, ...variables], withVariables(doc, place, variables, context)];
  }, [doc, place, trees, context]);
  const own = useMakeEnv(
    readable,
    env.functions,
    seen,
    workspace === undefined ? undefined : { workspace, environment },
  );
  return <ExprEnvContext.Provider value={own}>{children}</ExprEnvContext.Provider>;
}

interface TextCellProps {
  label: string;
  kind: CellKind;
  field: Field | null;
  /** The cell's expression as text; null where it is made of blocks. */
  original: string | null;
  /** What the field begins with: the original, or the key that was pressed over it. */
  start: string;
  onExpr: (expr: Expr | undefined, move: Move) => void;
  /** Left as it was. */
  onKeep: (move: Move) => void;
  onCancel: () => void;
  onBlocks: () => void;
}

interface Fault {
  message: string;
  /** Character of the text, counted from 1. */
  at: number | null;
}

/** The place as the server counts it, without the sign that the formula begins with. */
const AT = / \(at character \d+\)/;

/** A cell's expression as a line of text, with what fits while it is typed. */
export function TextCell({ label, kind, field, original, start, ...done }: TextCellProps) {
  const env = useExprEnv();
  const [text, setText] = useState(start);
  const [caret, setCaret] = useState(start.length);
  const [asked, setAsked] = useState(false);
  const [shut, setShut] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const [reading, setReading] = useState(false);
  const [fault, setFault] = useState<Fault | null>(null);
  const box = useRef<HTMLInputElement>(null);
  const over = useRef(false);
  const list = useId();
  const type = field && isScalar(field.type) ? field.type : "text";
  const choices = field?.enum ?? (type === "boolean" ? [true, false] : null);
  const options = useMemo(
    () => (shut ? [] : completionsAt(text, caret, kind, env, choices, asked)),
    [shut, text, caret, kind, env, choices, asked],
  );

  useLayoutEffect(() => {
    const input = box.current;
    input?.focus();
    input?.setSelectionRange(input.value.length, input.value.length);
  }, []);
  const moved = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (moved.current === null) return;
    box.current?.setSelectionRange(moved.current, moved.current);
    moved.current = null;
  });
  // What is not right is marked where it begins.
  useEffect(() => {
    if (fault?.at) box.current?.setSelectionRange(fault.at - 1, fault.at);
  }, [fault]);

  const write = (next: string, at: number, by: "hand" | "choice") => {
    setText(next);
    setCaret(at);
    setChosen(-1);
    setAsked(false);
    setShut(by === "choice");
    setFault(null);
    if (by === "choice") moved.current = at;
  };
  const finish = (move: Move) => {
    if (over.current) return;
    over.current = true;
    const known = exprAtOnce(text, kind, type, env);
    if (text === original) done.onKeep(move);
    else if (known) done.onExpr(known.expr, move);
    else read(move);
  };
  const read = (move: Move) => {
    const found = formulaIn(text, kind);
    if (!found) return;
    setReading(true);
    if (move === "leave") done.onKeep(move);
    // The keyboard may have gone elsewhere by then: it stays there.
    const goes = () => (document.activeElement === box.current ? move : "leave");
    exprFromFormula(found.formula, env)
      .then((expr) => done.onExpr(expr, goes()))
      .catch((error: unknown) => {
        // Nothing that was typed is lost: where nobody stays to mend it, it is kept and marked.
        if (goes() === "leave") {
          done.onExpr({ op: "jsonata", text: found.formula }, "leave");
          return;
        }
        over.current = false;
        const problem = asProblem(error);
        const position = Number(problem.extras.position ?? 0);
        const { line, column } = placeOf(found.formula, position);
        setReading(false);
        setFault({
          at: position > 0 ? Math.min(text.length, found.from + position) : null,
          message:
            position > 0
              ? t("table.wrong", {
                  line,
                  column: column + (line === 1 ? found.from : 0),
                  message: problem.title.replace(AT, ""),
                })
              : problem.title,
        });
        box.current?.focus();
      });
  };

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const option = options[chosen];
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined && event.altKey) {
      event.preventDefault();
      over.current = true;
      done.onBlocks();
    } else if (step !== undefined && options.length > 0) {
      event.preventDefault();
      // Beyond the last stands the text itself, as the first does before the list.
      const places = options.length + 1;
      setChosen((at) => ((at + 1 + step + places) % places) - 1);
    } else if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      setAsked(true);
      setShut(false);
      setCaret(event.currentTarget.selectionStart ?? text.length);
    } else if ((event.key === "Enter" || event.key === "Tab") && option) {
      event.preventDefault();
      write(option.text, option.caret, "choice");
    } else if (event.key === "Enter" || event.key === "Tab") {
      event.preventDefault();
      finish(event.key === "Enter" ? "down" : event.shiftKey ? "left" : "right");
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (option) setChosen(-1);
      else {
        over.current = true;
        done.onCancel();
      }
    }
  };

  const below = fault !== null || options.length > 0;
  return (
    <Popover
      opened={below}
      position="bottom-start"
      shadow="md"
      radius="md"
      withRoles={false}
      offset={3}
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <span className={classes.editor} data-wrong={fault !== null || undefined}>
          <input
            ref={box}
            role="combobox"
            aria-label={label}
            aria-autocomplete="list"
            aria-expanded={options.length > 0}
            aria-controls={options.length > 0 ? list : undefined}
            aria-activedescendant={options[chosen] ? `${list}-${chosen}` : undefined}
            aria-invalid={fault !== null || undefined}
            aria-describedby={fault ? `${list}-fault` : undefined}
            aria-busy={reading || undefined}
            readOnly={reading}
            spellCheck={false}
            autoComplete="off"
            placeholder={t(kind === "value" ? "table.hint" : "table.hint_condition")}
            value={text}
            onChange={(event) =>
              write(
                event.currentTarget.value,
                event.currentTarget.selectionStart ?? event.currentTarget.value.length,
                "hand",
              )
            }
            onKeyDown={onKeyDown}
            onBlur={() => finish("leave")}
          />
          <Tooltip label={`${t("table.blocks")} (Alt ↓)`}>
            <ActionIcon
              size="xs"
              tabIndex={-1}
              aria-label={t("table.blocks")}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => {
                over.current = true;
                done.onBlocks();
              }}
            >
              <IconBlocks size={13} />
            </ActionIcon>
          </Tooltip>
        </span>
      </Popover.Target>
      <Popover.Dropdown p={4} className={classes.below}>
        {fault && (
          <p className={classes.fault} id={`${list}-fault`} role="alert">
            <IconAlertCircle size={14} aria-hidden /> {fault.message}
          </p>
        )}
        {options.length > 0 && (
          <div role="listbox" id={list} aria-label={t("table.choices")}>
            {options.map((option, at) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the text field takes the keys
              // biome-ignore lint/a11y/useFocusableInteractive: the text field keeps the focus
              <div
                key={`${option.text} ${option.title}`}
                id={`${list}-${at}`}
                role="option"
                aria-selected={at === chosen}
                className={classes.option}
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => write(option.text, option.caret, "choice")}
              >
                <span>{option.title}</span>
                <code>{option.detail}</code>
              </div>
            ))}
          </div>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

/** A cell's expression as blocks; what is changed counts when it is done, as one step. */
export function BlocksCell({
  label,
  kind,
  field,
  expr,
  onExpr,
  onCancel,
  children,
}: {
  label: string;
  kind: CellKind;
  field: Field | null;
  expr: Expr | undefined;
  onExpr: (expr: Expr | undefined, move: Move) => void;
  onCancel: () => void;
  children: ReactNode;
}) {
  const env = useExprEnv();
  const [draft, setDraft] = useState(expr);
  const box = useRef<HTMLDivElement>(null);
  const finish = (move: Move) => onExpr(draft?.op === "hole" ? undefined : draft, move);
  return (
    <Popover
      opened
      onChange={(opened) => !opened && finish("leave")}
      closeOnEscape={false}
      position="bottom-start"
      shadow="lg"
      radius="md"
      trapFocus
      withRoles={false}
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>{children}</Popover.Target>
      <Popover.Dropdown
        ref={box}
        p={8}
        role="dialog"
        aria-label={label}
        onKeyDown={(event) => {
          // A list that is open inside takes its own Escape.
          const inside = (event.target as HTMLElement).closest(
            "[role=menu], .mantine-Popover-dropdown",
          );
          if (event.key === "Escape" && inside === box.current) onCancel();
        }}
      >
        <ExprEnvContext.Provider value={{ ...env, nested: true }}>
          <div className={classes.blocks}>
            {kind === "condition" ? (
              <ConditionList label={label} value={draft} onChange={setDraft} />
            ) : (
              <ExprEditor
                expr={draft ?? HOLE}
                label={label}
                type={field && isScalar(field.type) ? field.type : "text"}
                choices={field?.enum}
                onChange={setDraft}
              />
            )}
          </div>
        </ExprEnvContext.Provider>
        <div className={classes.blocksFoot}>
          <Button size="compact-xs" variant="default" onClick={onCancel}>
            {t("table.cancel")}
          </Button>
          <Button size="compact-xs" onClick={() => finish("stay")}>
            {t("table.done")}
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

/** A cell's note as a line of text. */
export function NoteCell({
  label,
  start,
  onText,
  onCancel,
}: {
  label: string;
  start: string;
  onText: (text: string, move: Move) => void;
  onCancel: () => void;
}) {
  const [text, setText] = useState(start);
  const over = useRef(false);
  const finish = (move: Move) => {
    if (over.current) return;
    over.current = true;
    onText(text, move);
  };
  return (
    <span className={classes.editor}>
      <input
        // biome-ignore lint/a11y/noAutofocus: the field appears because the person asked to type
        autoFocus
        aria-label={label}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={() => finish("leave")}
        onKeyDown={(event) => {
          const moves: Record<string, Move> = {
            Enter: "down",
            Tab: event.shiftKey ? "left" : "right",
          };
          const move = moves[event.key];
          if (move) {
            event.preventDefault();
            finish(move);
          } else if (event.key === "Escape") {
            event.preventDefault();
            over.current = true;
            onCancel();
          }
        }}
      />
    </span>
  );
}

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { type Move, TextCell } from "./CellEditor";
import { digest } from "./digest";
import { useExprEnv } from "./exprEnv";
import { type CellKind, formulaFromExpr } from "./exprText";
import classes from "./RuleGrid.module.css";
import type { Field } from "./schemaTree";
import type { Expr } from "./types";

/**
 * An expression made of blocks as a line of text. What is left as it was stays the very same blocks;
 * `children` are shown for one that no line can say.
 */
export function FormulaCell({
  expr,
  shown,
  children,
  ...cell
}: {
  label: string;
  kind: CellKind;
  field: Field | null;
  expr: Expr;
  /** What the cell shows meanwhile. */
  shown: string;
  onExpr: (expr: Expr | undefined, move: Move) => void;
  onKeep: (move: Move) => void;
  onCancel: () => void;
  onBlocks: () => void;
  children: ReactNode;
}) {
  const env = useExprEnv();
  const { workspace, sources } = env;
  const line = useQuery({
    queryKey: [workspace, "formula", digest(expr), digest(sources)],
    queryFn: ({ signal }) => formulaFromExpr(expr, { workspace, sources }, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    retry: false,
  });
  if (line.isPending) return <Waiting label={cell.label} shown={shown} onCancel={cell.onCancel} />;
  if (typeof line.data !== "string") return children;
  const text = cell.kind === "value" ? `=${line.data}` : line.data;
  return <TextCell {...cell} original={text} start={text} />;
}

/** Keeps the keyboard in the cell until its text is there. */
function Waiting({
  label,
  shown,
  onCancel,
}: {
  label: string;
  shown: string;
  onCancel: () => void;
}) {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <span className={classes.editor}>
      <input
        ref={box}
        aria-label={label}
        aria-busy
        readOnly
        value={shown}
        onKeyDown={(event) => {
          event.preventDefault();
          if (event.key === "Escape") onCancel();
        }}
      />
    </span>
  );
}

import {
  IconArrowsSplit2,
  IconBraces,
  IconCode,
  IconCursorText,
  IconFunction,
  IconLink,
  type TablerIcon,
} from "@tabler/icons-react";
import { type ExprKind, HOLE, wrapIf } from "./expressions";
import type { FieldType } from "./schemaTree";
import type { Expr, Json } from "./types";

export interface ExprEditorProps {
  expr: Expr;
  onChange: (expr: Expr) => void;
  /** Accessible name of the place: "Amount", "digits". */
  label: string;
  type?: FieldType;
  choices?: Json[] | null;
  /** Takes the part out of its parent, where there is one. */
  onRemove?: () => void;
}

/** Properties of an editor for one kind of expression. */
export type Of<Op extends ExprKind> = Omit<ExprEditorProps, "expr"> & {
  expr: Extract<Expr, { op: Op }>;
};

export const KIND_ICONS: Record<Exclude<ExprKind, "hole">, TablerIcon> = {
  field: IconLink,
  const: IconCursorText,
  call: IconFunction,
  concat: IconBraces,
  if: IconArrowsSplit2,
  jsonata: IconCode,
};

export const FRESH: Record<Exclude<ExprKind, "hole" | "field" | "call">, Expr> = {
  const: { op: "const", value: "" },
  concat: { op: "concat", args: [HOLE, HOLE], separator: " " },
  if: wrapIf(HOLE),
  jsonata: { op: "jsonata", text: "" },
};

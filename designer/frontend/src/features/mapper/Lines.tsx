import { Popover } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { memo, useMemo, useState } from "react";
import { type Curve, foldedCounts } from "./curves";
import { t } from "./en";
import { FunctionPicker } from "./FunctionPicker";
import classes from "./Lines.module.css";
import type { Bundle } from "./links";
import type { MappingFunction } from "./types";
import { emptyText } from "./values";
import { useRowHeight } from "./zoom";

interface LinesProps {
  bundles: Bundle[];
  curves: Curve[];
  width: number;
  height: number;
  sourceTop: number;
  targetTop: number;
  /** Rules in the light; null when nothing is. */
  lit: ReadonlySet<string> | null;
  fnTitle: (name: string) => string | undefined;
  onHover: (ruleId: string | null) => void;
  onChoose: (ruleId: string) => void;
  onInsert: (ruleId: string, fn: MappingFunction) => void;
  /** Opens the folded record in a row. */
  onUnfold: (side: "source" | "target", row: number) => void;
  /** The line that follows the pointer. */
  ghost: { fromRow: number; x: number; y: number; allowed: boolean | null } | null;
}

const EDGE_PX = 3;
/** A value this short is never cut: the name of its function gives way instead. */
const SHORT_TEXT = 10;
const PILL_SHARE = 0.5;
/** In a narrow space the values may stand over the curves, and functions are only a sign. */
const NARROW_PX = 240;
const NARROW_PILL_SHARE = 0.78;

/** The curves between the trees, and at the target end of each what is done and what comes out. */
export const Lines = memo(function Lines(props: LinesProps) {
  const { bundles, width, height, sourceTop, targetTop, lit } = props;
  const rowPx = useRowHeight();
  const middle = (row: number, top: number) => row * rowPx + rowPx / 2 - top;
  const inside = (y: number) => y > -rowPx / 2 && y < height + rowPx / 2;
  const clamp = (y: number) => Math.max(EDGE_PX, Math.min(height - EDGE_PX, y));
  const turn = width * (1 - PILL_SHARE);
  const narrow = width < NARROW_PX;

  const crowd = new Map<number, Bundle[]>();
  for (const bundle of bundles) {
    if (!inside(middle(bundle.target, targetTop))) continue;
    const at = crowd.get(bundle.target);
    if (at) at.push(bundle);
    else crowd.set(bundle.target, [bundle]);
  }
  const isLit = (curve: Curve) => lit !== null && curve.ruleIds.some((id) => lit.has(id));
  const curves: { curve: Curve; d: string; faint: boolean; lit: boolean }[] = [];
  for (const curve of props.curves) {
    const yt = middle(curve.to, targetTop);
    const ys = middle(curve.from, sourceTop);
    const targetIn = inside(yt);
    const sourceIn = inside(ys);
    if (!targetIn && !sourceIn) continue;
    const a = sourceIn ? ys : clamp(ys);
    const b = targetIn ? yt : clamp(yt);
    curves.push({
      curve,
      d: `M0 ${a} C ${turn * 0.55} ${a}, ${turn * 0.45} ${b}, ${turn} ${b}${targetIn ? ` L ${width} ${b}` : ""}`,
      faint: !(sourceIn && targetIn),
      lit: isLit(curve),
    });
  }
  // What is in the light is drawn last, so that nothing crosses over it.
  curves.sort((a, b) => Number(a.lit) - Number(b.lit));
  const folded = useMemo(() => foldedCounts(bundles), [bundles]);
  const state = (ruleId: string) => (lit === null ? undefined : lit.has(ruleId) ? "lit" : "dim");

  return (
    <div className={classes.lines} style={{ height }} data-part="lines">
      <svg width={width} height={height} aria-hidden="true" focusable="false">
        {curves.map(({ curve, d, faint, lit: inLight }) => (
          <g
            key={curve.key}
            className={classes.curve}
            data-style={curve.style}
            data-error={curve.error || undefined}
            data-faint={faint || undefined}
            data-state={lit === null ? undefined : inLight ? "lit" : "dim"}
          >
            {/* A wide, unseen path under the thin line makes it easy to point at. */}
            {/* biome-ignore lint/a11y/noStaticElementInteractions: the rows are the keyboard's way */}
            <path
              d={d}
              className={classes.hit}
              onMouseEnter={() => props.onHover(curve.ruleIds[0] ?? null)}
              onMouseLeave={() => props.onHover(null)}
              onClick={() =>
                curve.ruleIds.length > 1
                  ? props.onUnfold("target", curve.to)
                  : props.onChoose(curve.ruleIds[0] ?? "")
              }
            />
            <path
              d={d}
              className={classes.stroke}
              style={
                curve.ruleIds.length > 1
                  ? { strokeWidth: 1.5 + Math.min(4, Math.log2(curve.ruleIds.length)) }
                  : undefined
              }
            />
          </g>
        ))}
        {props.ghost && (
          <path
            className={classes.ghost}
            data-allowed={props.ghost.allowed ?? undefined}
            d={ghostPath(middle(props.ghost.fromRow, sourceTop), props.ghost.x, props.ghost.y)}
          />
        )}
      </svg>
      {[...folded].map(([row, count]) => {
        const y = middle(row, sourceTop);
        return inside(y) ? (
          <button
            key={row}
            type="button"
            tabIndex={-1}
            className={classes.foldedFrom}
            style={{ top: y }}
            title={t("lines.folded_from", { count })}
            aria-label={t("lines.folded_from", { count })}
            onClick={() => props.onUnfold("source", row)}
          >
            {count}
          </button>
        ) : null;
      })}
      {[...crowd].map(([row, together]) => (
        <Pill
          key={together.map((b) => b.ruleId).join()}
          bundles={together}
          top={middle(row, targetTop)}
          maxWidth={width * (narrow ? NARROW_PILL_SHARE : PILL_SHARE) - 10}
          narrow={narrow}
          state={
            together.some((b) => state(b.ruleId) === "lit")
              ? "lit"
              : state(together[0]?.ruleId ?? "")
          }
          fnTitle={props.fnTitle}
          onHover={props.onHover}
          onChoose={props.onChoose}
          onInsert={props.onInsert}
          onUnfold={() => props.onUnfold("target", row)}
        />
      ))}
    </div>
  );
});

function ghostPath(from: number, x: number, y: number): string {
  const bend = Math.max(30, x * 0.5);
  return `M0 ${from} C ${bend} ${from}, ${x - bend} ${y}, ${x} ${y}`;
}

function Pill({
  bundles,
  top,
  maxWidth,
  narrow,
  state,
  fnTitle,
  onHover,
  onChoose,
  onInsert,
  onUnfold,
}: Pick<LinesProps, "fnTitle" | "onHover" | "onChoose" | "onInsert"> & {
  onUnfold: () => void;
  bundles: Bundle[];
  top: number;
  maxWidth: number;
  narrow: boolean;
  state: string | undefined;
}) {
  const [first] = bundles;
  if (!first) return null;
  const many = bundles.length > 1;
  const folded = many && bundles.some((bundle) => bundle.targetHidden);
  const { badge, live, error } = first;
  const { rows } = first;
  const text = many
    ? ""
    : first.proposal
      ? first.proposal.percent
      : error
        ? "!"
        : rows
          ? live
            ? t("target.rows_count", { count: live.count })
            : ""
          : live
            ? live.empty
              ? emptyText(live)
              : live.text
            : "";
  if (!many && !badge && !text) return null;
  const does =
    badge &&
    (badge.fn
      ? (fnTitle(badge.fn)?.toLowerCase() ?? badge.fn)
      : t(`badge.${badge.op === "call" ? "concat" : badge.op}`));
  const signOnly = narrow && badge?.op === "call" && text !== "";
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the target row is the keyboard's way
    // biome-ignore lint/a11y/useKeyWithClickEvents: the target row is the keyboard's way
    <div
      className={classes.pill}
      data-state={state}
      data-error={error !== null || undefined}
      data-style={rows ? "rows" : first.style}
      data-badge={badge !== null || undefined}
      style={{ top, maxWidth }}
      title={
        folded
          ? t("lines.folded", { count: bundles.length })
          : (error ??
            (first.proposal
              ? t("suggest.line", { why: first.proposal.why })
              : [does, text].filter(Boolean).join(": ")))
      }
      onMouseEnter={() => onHover(first.ruleId)}
      onMouseLeave={() => onHover(null)}
      onClick={() => (folded ? onUnfold() : onChoose(first.ruleId))}
    >
      {many ? (
        <span className={classes.pillMany}>{bundles.length}</span>
      ) : (
        <>
          {badge && (
            <span className={classes.badge} data-style={first.style}>
              {badge.op === "call" && <i>ƒ</i>}
              {!signOnly && <span>{does}</span>}
            </span>
          )}
          {text && (
            <span
              className={classes.pillText}
              data-empty={(!rows && live?.empty) || undefined}
              data-short={text.length <= SHORT_TEXT || undefined}
            >
              {text}
            </span>
          )}
          {!rows && live && live.more > 0 && !error && (
            <span className={classes.more}>×{live.more + 1}</span>
          )}
          {!rows && !first.proposal && <Insert onPick={(fn) => onInsert(first.ruleId, fn)} />}
        </>
      )}
    </div>
  );
}

/** Puts a function on the line: a small button that shows when the pointer is near. */
function Insert({ onPick }: { onPick: (fn: MappingFunction) => void }) {
  const [open, setOpen] = useState(false);
  const button = (
    <button
      type="button"
      tabIndex={-1}
      className={classes.insert}
      title={t("expr.wrap")}
      aria-label={t("expr.wrap")}
      aria-expanded={open}
      onClick={(event) => {
        event.stopPropagation();
        setOpen((o) => !o);
      }}
    >
      <IconPlus size={12} aria-hidden />
    </button>
  );
  // Hundreds of lines scroll by: the popover is made only for the one that asks.
  if (!open) return button;
  return (
    <Popover opened onChange={setOpen} position="bottom-end" shadow="lg" trapFocus withinPortal>
      <Popover.Target>{button}</Popover.Target>
      <Popover.Dropdown p={8} onClick={(event) => event.stopPropagation()}>
        <FunctionPicker
          onPick={(fn) => {
            setOpen(false);
            onPick(fn);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

const KINDS = ["copy", "converted", "conditional", "rows"] as const;

/** What the kinds of lines mean. */
export function Legend() {
  return (
    <ul className={classes.legend} aria-label={t("legend.label")}>
      {KINDS.map((kind) => (
        <li key={kind} className={classes.legendItem}>
          {kind === "converted" ? (
            <span className={classes.badge} data-style={kind} aria-hidden>
              <i>ƒ</i>
            </span>
          ) : (
            <svg aria-hidden="true" focusable="false" viewBox="0 0 22 8">
              <g className={classes.curve} data-style={kind}>
                <path className={classes.stroke} d="M0 4 L22 4" />
              </g>
            </svg>
          )}
          {t(`legend.${kind}`)}
        </li>
      ))}
    </ul>
  );
}

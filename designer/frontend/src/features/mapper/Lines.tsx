import { Popover } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { memo, useState } from "react";
import { t } from "./en";
import { FunctionPicker } from "./FunctionPicker";
import classes from "./Lines.module.css";
import type { Bundle } from "./links";
import { ROW_PX } from "./Tree";
import type { MappingFunction } from "./types";

interface LinesProps {
  bundles: Bundle[];
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
  /** The line that follows the pointer. */
  ghost: { fromRow: number; x: number; y: number; allowed: boolean | null } | null;
}

const EDGE_PX = 3;
/** A value this short is never cut: the name of its function gives way instead. */
const SHORT_TEXT = 10;
const PILL_SHARE = 0.5;

/** The curves between the trees, and at the target end of each what is done and what comes out. */
export const Lines = memo(function Lines(props: LinesProps) {
  const { bundles, width, height, sourceTop, targetTop, lit } = props;
  const middle = (row: number, top: number) => row * ROW_PX + ROW_PX / 2 - top;
  const inside = (y: number) => y > -ROW_PX / 2 && y < height + ROW_PX / 2;
  const clamp = (y: number) => Math.max(EDGE_PX, Math.min(height - EDGE_PX, y));
  const turn = width * (1 - PILL_SHARE);

  const crowd = new Map<number, Bundle[]>();
  const curves: {
    key: string;
    ruleId: string;
    d: string;
    bundle: Bundle;
    faint: boolean;
    start: number;
    end: number | null;
  }[] = [];
  for (const bundle of bundles) {
    const yt = middle(bundle.target, targetTop);
    const targetIn = inside(yt);
    const at = crowd.get(bundle.target) ?? [];
    at.push(bundle);
    if (targetIn) crowd.set(bundle.target, at);
    for (const source of bundle.sources) {
      const ys = middle(source.row, sourceTop);
      const sourceIn = inside(ys);
      if (!targetIn && !sourceIn) continue;
      const a = sourceIn ? ys : clamp(ys);
      const b = targetIn ? yt : clamp(yt);
      curves.push({
        key: source.id,
        ruleId: bundle.ruleId,
        d: `M0 ${a} C ${turn * 0.55} ${a}, ${turn * 0.45} ${b}, ${turn} ${b}${targetIn ? ` L ${width} ${b}` : ""}`,
        bundle,
        faint: !(sourceIn && targetIn),
        start: a,
        end: targetIn ? b : null,
      });
    }
  }
  // What is in the light is drawn last, so that nothing crosses over it.
  curves.sort((a, b) => Number(lit?.has(a.ruleId) ?? 0) - Number(lit?.has(b.ruleId) ?? 0));
  const state = (ruleId: string) => (lit === null ? undefined : lit.has(ruleId) ? "lit" : "dim");

  return (
    <div className={classes.lines} style={{ height }}>
      <svg width={width} height={height} aria-hidden="true" focusable="false">
        {curves.map((curve) => (
          <g
            key={curve.key}
            className={classes.curve}
            data-style={curve.bundle.style}
            data-error={curve.bundle.error !== null || undefined}
            data-faint={curve.faint || undefined}
            data-state={state(curve.ruleId)}
          >
            {/* A wide, unseen path under the thin line makes it easy to point at. */}
            {/* biome-ignore lint/a11y/noStaticElementInteractions: the rows are the keyboard's way */}
            <path
              d={curve.d}
              className={classes.hit}
              onMouseEnter={() => props.onHover(curve.ruleId)}
              onMouseLeave={() => props.onHover(null)}
              onClick={() => props.onChoose(curve.ruleId)}
            />
            <path d={curve.d} className={classes.stroke} />
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
      {[...crowd].map(([row, together]) => (
        <Pill
          key={together.map((b) => b.ruleId).join()}
          bundles={together}
          top={middle(row, targetTop)}
          maxWidth={width * PILL_SHARE - 10}
          state={
            together.some((b) => state(b.ruleId) === "lit")
              ? "lit"
              : state(together[0]?.ruleId ?? "")
          }
          fnTitle={props.fnTitle}
          onHover={props.onHover}
          onChoose={props.onChoose}
          onInsert={props.onInsert}
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
  state,
  fnTitle,
  onHover,
  onChoose,
  onInsert,
}: Pick<LinesProps, "fnTitle" | "onHover" | "onChoose" | "onInsert"> & {
  bundles: Bundle[];
  top: number;
  maxWidth: number;
  state: string | undefined;
}) {
  const [first] = bundles;
  if (!first) return null;
  const many = bundles.length > 1;
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
              ? t("rule.empty_value")
              : live.text
            : "";
  if (!many && !badge && !text) return null;
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
      title={error ?? (first.proposal && t("suggest.line", { why: first.proposal.why }))}
      onMouseEnter={() => onHover(first.ruleId)}
      onMouseLeave={() => onHover(null)}
      onClick={() => onChoose(first.ruleId)}
    >
      {many ? (
        <span className={classes.pillMany}>{bundles.length}</span>
      ) : (
        <>
          {badge && (
            <span className={classes.badge} data-style={first.style}>
              {badge.op === "call" && <i>ƒ</i>}
              <span>
                {badge.fn
                  ? (fnTitle(badge.fn)?.toLowerCase() ?? badge.fn)
                  : t(`badge.${badge.op === "call" ? "concat" : badge.op}`)}
              </span>
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

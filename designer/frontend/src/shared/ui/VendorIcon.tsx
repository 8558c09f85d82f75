import {
  IconAlertOctagon,
  IconArrowBackUp,
  IconArrowsSplit2,
  IconBolt,
  IconBox,
  IconChecklist,
  IconClick,
  IconClock,
  IconCloudDown,
  IconDatabaseSearch,
  IconExchange,
  IconFilter,
  IconHandStop,
  IconHierarchy2,
  IconLink,
  IconPhoneIncoming,
  IconPlayerStop,
  IconPlug,
  IconRefresh,
  IconRepeat,
  IconRouteAltLeft,
  IconSum,
  IconTableAlias,
  IconTransform,
  IconUserQuestion,
  IconWebhook,
  type TablerIcon,
} from "@tabler/icons-react";
import classes from "./VendorIcon.module.css";

/** Icons of the node types, by the name or the type the palette gives. */
const GLYPHS: Record<string, TablerIcon> = {
  "trigger.event": IconBolt,
  "trigger.webhook": IconWebhook,
  "trigger.manual": IconClick,
  bolt: IconBolt,
  webhook: IconWebhook,
  hand: IconClick,
  action: IconBox,
  find_or_create: IconDatabaseSearch,
  map: IconTransform,
  validate: IconChecklist,
  if: IconArrowsSplit2,
  xref: IconLink,
  fail: IconAlertOctagon,
  stop: IconPlayerStop,
  "trigger.poll": IconRefresh,
  "trigger.schedule": IconClock,
  "trigger.cloudevents": IconCloudDown,
  "trigger.called": IconPhoneIncoming,
  "trigger.error": IconAlertOctagon,
  aggregate: IconSum,
  lookup: IconTableAlias,
  for_each: IconRepeat,
  call_flow: IconHierarchy2,
  wait: IconClock,
  approval: IconUserQuestion,
  // Names that the palette uses.
  plug: IconPlug,
  search: IconDatabaseSearch,
  check: IconChecklist,
  split: IconArrowsSplit2,
  link: IconLink,
  alert: IconAlertOctagon,
  refresh: IconRefresh,
  clock: IconClock,
  cloud: IconCloudDown,
  phone: IconPhoneIncoming,
  filter: IconFilter,
  sum: IconSum,
  table: IconTableAlias,
  convert: IconExchange,
  switch: IconRouteAltLeft,
  loop: IconRepeat,
  flow: IconHierarchy2,
  person: IconUserQuestion,
  return: IconArrowBackUp,
};

/** House colours of vendors whose icon is not an image. */
const TINTS: Record<string, string> = {
  magento: "#e8580c",
  quickbooks: "#2a9d1c",
  xero: "#1797be",
  freshbooks: "#0b63ce",
  infor: "#c8102e",
  syspro: "#5a3b9c",
};

interface VendorIconProps {
  /** A connector's slug, a node type, an image address or SVG text. */
  icon: string | null | undefined;
  name?: string;
  size?: number;
}

/** The square mark of a vendor or of a node type. Decorative: the name stands beside it. */
export function VendorIcon({ icon, name, size = 28 }: VendorIconProps) {
  const style = { width: size, height: size, borderRadius: Math.round(size * 0.26) };
  if (icon && /^(\/|https?:|data:image\/|\s*<svg)/.test(icon)) {
    const source = icon.trimStart().startsWith("<svg")
      ? `data:image/svg+xml;utf8,${encodeURIComponent(icon)}`
      : icon;
    return (
      <span className={classes.vendor} style={style} aria-hidden>
        <img src={source} alt="" width={size} height={size} draggable={false} />
      </span>
    );
  }
  const Glyph = icon ? GLYPHS[icon] : IconHandStop;
  if (Glyph) {
    return (
      <span className={classes.glyph} style={style} aria-hidden>
        <Glyph size={size * 0.6} stroke={1.8} />
      </span>
    );
  }
  const slug = (icon ?? "").toLowerCase();
  const tint = TINTS[slug.split(/[.:_-]/)[0] ?? ""] ?? "#56616f";
  return (
    <span
      className={classes.letter}
      style={{ ...style, background: tint, fontSize: size * 0.46 }}
      aria-hidden
    >
      {(name || slug || "?").charAt(0).toUpperCase()}
    </span>
  );
}

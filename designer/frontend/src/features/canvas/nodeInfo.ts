/** What a card, the inspector and the checks show of a node, read from the palette. Pure. */

import type {
  Connection,
  Expr,
  FlowDocument,
  FlowNode,
  FlowSummary,
  JsonSchema,
  NodeShape,
  OperationSummary,
  Palette,
  PaletteConnector,
  PaletteItem,
} from "@/api/types";
import { formatDuration } from "@/shared/time";
import { nodeOf } from "./document";
import { t } from "./en";
import { exprText } from "./exprText";
import { asMapping, exprAt } from "./inputRules";
import { summaryOf } from "./summaries";

export interface Ports {
  in: string[];
  out: string[];
}

/** Exits of the known types, so that a flow can be drawn before the palette has come. */
const EXITS: Record<string, string[]> = {
  if: ["true", "false", "error"],
  switch: ["otherwise", "error"],
  filter: ["out", "rejected", "error"],
  for_each: ["item", "out", "error"],
  approval: ["approved", "rejected", "error"],
  fail: [],
  stop: [],
};
/** Settings whose entries are exits of their own. */
const EXITS_FROM: Record<string, string> = { switch: "branches" };

const TRANSFORMS = ["map", "validate", "filter", "aggregate", "lookup", "convert"];
const ACTIONS = ["action", "find_or_create", "xref"];

export function itemOf(palette: Palette | undefined, type: string): PaletteItem | undefined {
  for (const group of palette?.groups ?? []) {
    const item = group.items.find((candidate) => candidate.type === type);
    if (item) return item;
  }
  return undefined;
}

/** The exits that a node's own settings name, such as the ways of a switch. */
export function ownExits(node: FlowNode, from: string | null | undefined): Branch[] {
  const entries = from ? node.config[from] : undefined;
  if (!Array.isArray(entries)) return [];
  const found = (entries as Partial<Branch>[]).filter(
    (entry): entry is Branch => typeof entry?.id === "string" && entry.id !== "",
  );
  return found.filter((entry, index) => found.findIndex((e) => e.id === entry.id) === index);
}

/** One way of a switch. */
export interface Branch {
  id: string;
  name?: string;
  condition?: Expr;
}

export function portsOf(node: FlowNode, palette?: Palette): Ports {
  const item = itemOf(palette, node.type);
  const trigger = node.type.startsWith("trigger.");
  const own = ownExits(node, item ? item.ports_from : EXITS_FROM[node.type]).map(({ id }) => id);
  const fixed = item?.ports?.out ?? EXITS[node.type] ?? (trigger ? ["out"] : ["out", "error"]);
  return { in: item?.ports?.in ?? (trigger ? [] : ["in"]), out: [...own, ...fixed] };
}

export function shapeOf(node: FlowNode, palette?: Palette): NodeShape {
  if (node.type.startsWith("trigger.")) return "trigger";
  const shape = itemOf(palette, node.type)?.shape;
  if (shape) return shape;
  if (TRANSFORMS.includes(node.type)) return "transform";
  return ACTIONS.includes(node.type) ? "action" : "control";
}

const PORT_WORDS: Record<string, string> = {
  out: t("port.out"),
  error: t("port.error"),
  true: t("port.true"),
  false: t("port.false"),
  otherwise: t("port.otherwise"),
  item: t("port.item"),
  approved: t("port.approved"),
  rejected: t("port.rejected"),
};

/** The words for a node's exit: those of its author, or of its kind. */
export function portName(node: FlowNode | undefined, port: string): string {
  if (node?.type === "switch") {
    const branch = ownExits(node, EXITS_FROM.switch).find((entry) => entry.id === port);
    if (branch) return branch.name || branch.id;
  }
  if (node?.type === "for_each" && port === "out") return t("port.afterAll");
  if (node?.type === "filter" && port === "out") return t("port.kept");
  return PORT_WORDS[port] ?? port;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export interface Surroundings {
  palette: Palette | undefined;
  connections: Connection[] | undefined;
  /** The workspace's flows, where one may call another. */
  flows?: Pick<FlowSummary, "id" | "name">[] | undefined;
}

/**
 * The connector a node speaks to: by its connection, else by its own word. In an environment where
 * the connection does not exist, the only connector that has such an operation is meant.
 */
export function connectorOf(
  node: FlowNode,
  { palette, connections }: Surroundings,
): PaletteConnector | undefined {
  const connection = connections?.find((c) => c.slug === node.config.connection);
  const all = palette?.connectors ?? [];
  const slug = connection?.connector ?? text(node.config.connector);
  if (slug) return all.find((connector) => connector.slug === slug);
  const able = all.filter(
    ({ operations, find_or_create }) =>
      operations.some((operation) => operation.name === node.config.operation) ||
      find_or_create.some((entry) => entry.entity === node.config.entity),
  );
  return able.length === 1 ? able[0] : able.find((c) => c.slug === node.config.connection);
}

export function operationOf(
  node: FlowNode,
  surroundings: Surroundings,
): OperationSummary | undefined {
  const connector = connectorOf(node, surroundings);
  return connector?.operations.find((operation) => operation.name === node.config.operation);
}

export interface MapTarget {
  connector?: string;
  operation?: string;
  canonical?: string;
  schema?: JsonSchema;
}

export function targetName(target: MapTarget | null | undefined, palette?: Palette): string {
  if (!target) return "";
  if (target.canonical) return target.canonical;
  if (target.schema) return target.schema.title || t("node.ownTarget");
  const connector = palette?.connectors.find((c) => c.slug === target.connector);
  const operation = connector?.operations.find((o) => o.name === target.operation);
  if (!operation) return text(target.operation);
  return `${operation.title} · ${connector?.name ?? ""}`;
}

/** The title of the data at a path: the name of the step it comes from. */
export function sourceName(path: string, document: FlowDocument): string {
  const [head, id] = path.split(/[.[]/);
  if (head === "trigger") {
    return document.nodes.find((n) => n.type.startsWith("trigger."))?.name ?? t("whole.trigger");
  }
  return nodeOf(document, id)?.name ?? path;
}

function inputSummary(input: unknown, document: FlowDocument): string {
  const mapping = asMapping(input);
  const whole = exprAt(mapping, "");
  if (whole?.op === "field") return t("node.whole", { name: sourceName(whole.path, document) });
  const count = mapping.rules.filter((rule) => rule.expr && rule.expr.op !== "hole").length;
  return count ? t("node.fields", { count }) : t("node.nothingSet");
}

/** "Customer" becomes "Find or create customer"; a title that says it already stays. */
export function findOrCreateTitle(title: string): string {
  if (!title || /find|create/i.test(title)) return title;
  return t("node.findOrCreate", { record: title.toLowerCase() });
}

/** A problem's words where the step is named beside them: without its name in front. */
export function problemText(message: string, name: string | undefined): string {
  const prefix = `“${name}”: `;
  return name && message.startsWith(prefix) ? message.slice(prefix.length) : message;
}

export interface NodeInfo {
  shape: NodeShape;
  ports: Ports;
  icon: string;
  iconName: string;
  /** What kind of step it is, in words. */
  kind: string;
  /** One line on how it is set up. */
  summary: string;
  /** The summary tells of something still to do. */
  unfinished: boolean;
}

export function describe(
  node: FlowNode,
  document: FlowDocument,
  surroundings: Surroundings,
): NodeInfo {
  const { palette, connections } = surroundings;
  const item = itemOf(palette, node.type);
  const connector = connectorOf(node, surroundings);
  const { config } = node;
  const info: NodeInfo = {
    shape: shapeOf(node, palette),
    ports: portsOf(node, palette),
    icon: item?.icon ?? node.type,
    iconName: node.name,
    kind: item?.title ?? node.type,
    summary: "",
    unfinished: false,
  };
  const unfinished = (summary: string) => ({ ...info, summary, unfinished: true });
  switch (node.type) {
    case "trigger.event":
    case "trigger.poll":
    case "action":
    case "find_or_create": {
      if (connector) {
        info.icon = connector.icon || connector.slug;
        info.iconName = connector.name;
      }
      const entity = connector?.find_or_create.find((e) => e.entity === config.entity);
      const title =
        node.type === "find_or_create"
          ? findOrCreateTitle(entity?.title ?? text(config.entity))
          : (operationOf(node, surroundings)?.title ?? text(config.operation));
      info.kind = [title || item?.title, connector?.name].filter(Boolean).join(" · ");
      if (!title) return unfinished(t("node.noOperation"));
      if (!config.connection) return unfinished(t("node.noConnection"));
      const connection = connections?.find((c) => c.slug === config.connection);
      const account = connection?.name ?? text(config.connection);
      if (node.type === "trigger.event") return { ...info, summary: account };
      if (node.type === "trigger.poll") {
        const every = Number(config.every_s ?? 0);
        const asked = every ? t("node.every", { time: formatDuration(every * 1000) }) : "";
        return { ...info, summary: [account, asked].filter(Boolean).join(" · ") };
      }
      const input = node.type === "find_or_create" ? config.find : config.input;
      return { ...info, summary: `${account} · ${inputSummary(input, document)}` };
    }
    case "map": {
      const target = targetName(config.target as MapTarget, palette);
      if (!target) return unfinished(t("node.mapNoTarget"));
      const count = asMapping(config.mapping).rules.length;
      return {
        ...info,
        kind: t("node.mapTo", { target }),
        summary: t("node.mapRules", { count }),
        unfinished: count === 0,
      };
    }
    case "validate": {
      const count = Array.isArray(config.rules) ? config.rules.length : 0;
      const target = targetName(config.target as MapTarget | null, palette);
      const parts = [t("node.checks", { count })];
      if (target) parts.unshift(t("node.checksAgainst", { target }));
      return { ...info, summary: parts.join(" · "), unfinished: count === 0 && !target };
    }
    case "if": {
      const words = exprText(config.condition as Expr | undefined);
      return words && words !== "…" ? { ...info, summary: words } : unfinished(t("node.ifEmpty"));
    }
    case "xref": {
      const side = (value: unknown) => {
        const slug = text((value as { connection?: string } | undefined)?.connection);
        return connections?.find((c) => c.slug === slug)?.name ?? slug;
      };
      const left = side(config.left);
      const right = side(config.right);
      if (!left || !right) return unfinished(t("node.noConnection"));
      return { ...info, summary: t("node.pair", { left, right }) };
    }
    case "fail": {
      const words = exprText(config.message as Expr | undefined);
      return words ? { ...info, summary: words } : unfinished(t("node.nothingSet"));
    }
    case "stop":
      return { ...info, summary: t("node.stop") };
    default: {
      const flowName = (id: string) => surroundings.flows?.find((flow) => flow.id === id)?.name;
      const said = summaryOf(node, document, { flowName, stepName: sourceName });
      return said ? { ...info, ...said } : unfinished(t("node.unknown", { type: node.type }));
    }
  }
}

/** What can be added to a flow: the palette as a list that can be searched. Pure. */

import type { Connection, FlowNode, NodeShape, Palette } from "@/api/types";
import { t } from "./en";
import { EMPTY_MAPPING } from "./inputRules";
import { findOrCreateTitle, itemOf, type Ports, portsOf } from "./nodeInfo";

export interface Entry {
  key: string;
  title: string;
  /** Accessible name: the title, with its vendor where two could say the same. */
  label: string;
  description: string;
  icon: string;
  iconName: string;
  /** What record it is about, in words; "" where that says nothing. */
  kind: string;
  shape: NodeShape;
  ports: Ports;
  /** The node to be, without id and place. */
  node: Pick<FlowNode, "type" | "name" | "config">;
}

export interface EntryGroup {
  key: string;
  title: string;
  icon?: string;
  entries: Entry[];
}

/** Types that are offered as the operations of each connector instead of by themselves. */
const BY_CONNECTOR = new Set(["action", "trigger.event", "trigger.poll", "find_or_create"]);

export function entryGroups(
  palette: Palette | undefined,
  connections: Connection[] | undefined,
): EntryGroup[] {
  if (!palette) return [];
  const groups: EntryGroup[] = palette.groups.map((group) => ({
    key: group.name,
    title: group.title,
    entries: group.items
      .filter((item) => !BY_CONNECTOR.has(item.type) || palette.connectors.length === 0)
      .map((item) => ({
        key: item.type,
        title: item.title,
        label: item.title,
        description: item.description,
        icon: item.icon || item.type,
        iconName: item.title,
        kind: "",
        shape: item.shape,
        ports: item.ports,
        node: { type: item.type, name: item.title, config: { ...item.default_config } },
      })),
  }));
  for (const connector of palette.connectors) {
    const ready = (connections ?? []).filter((c) => c.connector === connector.slug);
    // With one connection there is nothing to choose.
    const base = {
      connector: connector.slug,
      connection: ready.length === 1 ? (ready[0]?.slug ?? "") : "",
    };
    const make = (
      type: string,
      key: string,
      title: string,
      description: string,
      entity: string | null,
      config: Record<string, unknown>,
    ): Entry => ({
      key: `${connector.slug}:${type}:${key}`,
      title,
      label: title.includes(connector.name)
        ? title
        : t("palette.inVendor", { title, vendor: connector.name }),
      description,
      icon: connector.icon || connector.slug,
      iconName: connector.name,
      kind: kindTitle(entity),
      shape: type.startsWith("trigger.") ? "trigger" : "action",
      ports: portsOf({ id: "", type, name: "", config: {}, position: { x: 0, y: 0 } }, palette),
      node: {
        type,
        name: title,
        config: { ...itemOf(palette, type)?.default_config, ...base, ...config },
      },
    });
    const triggers = connector.operations
      .filter((operation) => operation.kind === "trigger")
      .map((o) => {
        // What can be told by a webhook is; the form offers to ask instead where that is possible.
        const asked = o.delivery?.includes("poll") && !o.delivery.includes("webhook");
        const type = asked ? "trigger.poll" : "trigger.event";
        return make(type, o.name, o.title, o.description, o.entity, { operation: o.name });
      });
    const pairs = connector.find_or_create.map(({ entity, title }) =>
      make("find_or_create", entity, findOrCreateTitle(title), "", entity, {
        entity,
        find: EMPTY_MAPPING,
        create: EMPTY_MAPPING,
      }),
    );
    const actions = connector.operations
      .filter((operation) => operation.kind === "action")
      .map((o) =>
        make("action", o.name, o.title, o.description, o.entity, {
          operation: o.name,
          input: EMPTY_MAPPING,
        }),
      );
    groups.push({
      key: `connector:${connector.slug}`,
      title: connector.name,
      icon: connector.icon || connector.slug,
      entries: [...triggers, ...pairs, ...actions],
    });
  }
  return groups.filter((group) => group.entries.length > 0);
}

/** “sales_receipt” as people read it: “Sales receipt”. */
function kindTitle(entity: string | null): string {
  if (!entity || entity === "any") return t("palette.anyKind");
  const words = entity.replaceAll("_", " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export interface Kind {
  title: string;
  entries: Entry[];
}

/** From so many entries on, those of a vendor are shown by kind of record. */
const BY_KIND_FROM = 16;

/** A long group by kind of record, in the order of the alphabet; null for a short one. */
export function kindsOf(group: EntryGroup): Kind[] | null {
  if (group.entries.length < BY_KIND_FROM) return null;
  const kinds = new Map<string, Entry[]>();
  for (const entry of group.entries) {
    if (!entry.kind) return null;
    kinds.set(entry.kind, [...(kinds.get(entry.kind) ?? []), entry]);
  }
  const first = t("palette.anyKind");
  return [...kinds]
    .map(([title, entries]) => ({ title, entries }))
    .sort(
      (a, b) =>
        Number(b.title === first) - Number(a.title === first) || (a.title < b.title ? -1 : 1),
    );
}

/** The entries that hold every word of the query. Best matches (by title) come first. */
export function searchEntries(groups: EntryGroup[], query: string): EntryGroup[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return groups;
  const holds = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  return groups
    .map((group) => {
      const found = group.entries.filter((entry) =>
        holds(`${entry.title} ${group.title} ${entry.description} ${entry.key}`),
      );
      const byTitle = (entry: Entry) => (holds(entry.title) ? 0 : 1);
      return { ...group, entries: [...found].sort((a, b) => byTitle(a) - byTitle(b)) };
    })
    .filter((group) => group.entries.length > 0);
}

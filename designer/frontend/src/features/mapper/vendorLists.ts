/** Values that the connected system keeps a list of: what is known of them, and what is not in it. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import { exactText } from "@/api/exact";
import type { Page } from "@/api/types";
import { digest } from "./digest";
import { pathsIn } from "./expressions";
import { resolve } from "./schemaTree";
import type { Json, JsonSchema, MappingDocument } from "./types";
import type { MapperPlace } from "./usePreview";
import type { Fault } from "./validate";

export interface VendorList {
  name: string;
  title: string;
  /** When it was read; null while nobody has asked for it. */
  fetched_at: string | null;
  /** False for a list that is too long to be kept. */
  complete: boolean | null;
  entries: { value: string; label: string }[];
}

/** "TaxCode" is listed as "tax_codes", "Class" as "classes". */
export function listOfRecord(record: string): string {
  const name = record.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
  return name.endsWith("s") ? `${name}es` : `${name}s`;
}

/** The list that the values of a field are in, as its schema or the reference around it says. */
export function listNameOf(schema: JsonSchema, above: JsonSchema, name: string): string | null {
  if (typeof schema["x-options"] === "string") return schema["x-options"];
  const record = schema["x-ref"] ?? (name === "value" ? above["x-ref"] : undefined);
  return typeof record === "string" ? listOfRecord(record) : null;
}

export interface Listed {
  /** What a list does not have, by place. */
  faults: Map<string, Fault>;
  /** What the system calls a value, by place. */
  labels: Map<string, string>;
  /** Lists that values of the document are in. */
  used: Set<string>;
}

/** Targets that are filled with what a step answered: that is newer than any list. */
export function answeredTargets(mapping: MappingDocument): Set<string> {
  const answered = mapping.rules.filter((rule) =>
    pathsIn(rule.expr).some((path) => path.startsWith("steps.")),
  );
  return new Set(answered.map((rule) => rule.target.replace(/\[[^\]]*\]/g, "")));
}

/** A document held against the lists that are known. */
export function listed(
  value: Json | undefined,
  schema: JsonSchema,
  lists: VendorList[],
  answered: ReadonlySet<string>,
): Listed {
  const found: Listed = { faults: new Map(), labels: new Map(), used: new Set() };
  const entries = new Map(
    lists.map((list) => [list.name, new Map(list.entries.map((e) => [e.value, e.label]))]),
  );
  const checked = new Map(lists.map((list) => [list.name, list.complete === true]));
  const visit = (item: Json, raw: JsonSchema, place: string, target: string) => {
    const rule = resolve(raw, schema);
    if (Array.isArray(item)) {
      for (const [index, one] of item.entries()) {
        if (rule.items) visit(one, rule.items, join(place, index), target);
      }
      return;
    }
    if (item === null || typeof item !== "object" || exactText(item) !== null) return;
    for (const [name, inner] of Object.entries(item as { [key: string]: Json })) {
      const below = rule.properties?.[name];
      if (!below || inner === null) continue;
      const at = join(place, name);
      const path = join(target, name);
      const text = typeof inner === "boolean" ? null : exactText(inner);
      const said = typeof inner === "string" ? inner : text;
      const list = said === null ? null : listNameOf(resolve(below, schema), rule, name);
      const known = list === null ? undefined : entries.get(list);
      if (list === null || said === null || said === "" || !known) {
        visit(inner, below, at, path);
        continue;
      }
      found.used.add(list);
      const label = known.get(said);
      if (label !== undefined) found.labels.set(at, label);
      else if (also(rule, resolve(below, schema)).includes(said)) continue;
      else if (checked.get(list) && !answered.has(path)) {
        const title = lists.find((one) => one.name === list)?.title ?? list;
        found.faults.set(at, { kind: "not_listed", list: title });
      }
    }
  };
  if (value !== undefined) visit(value, schema, "", "");
  return found;
}

/** Values that the system takes although its list does not have them. */
const also = (...schemas: JsonSchema[]): string[] =>
  schemas.flatMap((one) => (Array.isArray(one["x-also"]) ? one["x-also"].map(String) : []));

const join = (place: string, name: string | number): string =>
  place === "" ? String(name) : `${place}.${name}`;

const NO_LISTS: VendorList[] = [];

/** What is known of the lists that the step's target refers to; nobody is asked before `fetch`. */
export function useVendorLists(place: MapperPlace) {
  const { workspace, flowId, document, nodeId, slot, environment } = place;
  const client = useQueryClient();
  const node = document.nodes.find((one) => one.id === nodeId);
  const { mapping: _mapping, input: _input, ...config } = node?.config ?? {};
  const key = [workspace, "flow", flowId, "lists", environment, nodeId, slot, digest(config)];
  const ask = (fetch: string[], signal?: AbortSignal) =>
    api.post<Page<VendorList>>(
      inWorkspace(workspace, `/flows/${encodeURIComponent(flowId)}/mapping-lists`),
      { document, node_id: nodeId, mapping_name: slot, environment, fetch },
      signal,
    );
  const known = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => ask([], signal),
    staleTime: 5 * 60_000,
    retry: false,
  });
  const fetching = useMutation({
    mutationFn: (names: string[]) => ask(names),
    onSuccess: (answer) => {
      client.setQueryData(key, answer);
      // The problems beside the result are held against the same lists.
      void client.invalidateQueries({ queryKey: [workspace, "flow", flowId, "preview"] });
    },
  });
  return {
    lists: known.data?.items ?? NO_LISTS,
    fetch: fetching.mutate,
    fetching: fetching.isPending,
    error: fetching.error,
  };
}

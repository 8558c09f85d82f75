/** Values that the connected system keeps a list of: what is known of them, and what is not in it. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
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
  /** When it was read; null while nobody has asked for it, or it is read for the first time. */
  fetched_at: string | null;
  /** False for a list that is too long to be kept. */
  complete: boolean | null;
  /** How many entries it has; of one that is too long, after how many it was given up. */
  count: number;
  /** Whether `entries` are all; of a longer list they are those of the values asked for. */
  whole: boolean;
  /** Entries that a reading has so far which goes on; null where none does. */
  reading: number | null;
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

/** A value of a document that a list has, or should have. */
interface Occurrence {
  /** Its place in the document, and that of its field in the target. */
  at: string;
  path: string;
  said: string;
  list: string;
  /** Whether the system takes it although its list does not have it. */
  also: boolean;
}

function occurrences(
  value: Json | undefined,
  schema: JsonSchema,
  names: ReadonlySet<string>,
): Occurrence[] {
  const found: Occurrence[] = [];
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
      if (list === null || said === null || said === "" || !names.has(list)) {
        visit(inner, below, at, path);
        continue;
      }
      const taken = also(rule, resolve(below, schema)).includes(said);
      found.push({ at, path, said, list, also: taken });
    }
  };
  if (value !== undefined) visit(value, schema, "", "");
  return found;
}

const namesOf = (lists: VendorList[]) => new Set(lists.map((list) => list.name));

/** A document held against the lists that are known; of long ones, against what was `asked`. */
export function listed(
  value: Json | undefined,
  schema: JsonSchema,
  lists: VendorList[],
  answered: ReadonlySet<string>,
  asked: Values = {},
): Listed {
  const found: Listed = { faults: new Map(), labels: new Map(), used: new Set() };
  const entries = new Map(
    lists.map((list) => [list.name, new Map(list.entries.map((e) => [e.value, e.label]))]),
  );
  const byName = new Map(lists.map((list) => [list.name, list]));
  const askedFor = new Map(Object.entries(asked).map(([name, some]) => [name, new Set(some)]));
  for (const { at, path, said, list, also: taken } of occurrences(value, schema, namesOf(lists))) {
    found.used.add(list);
    const known = byName.get(list);
    const label = entries.get(list)?.get(said);
    const sure = known?.complete === true && (known.whole || askedFor.get(list)?.has(said));
    if (label !== undefined) found.labels.set(at, label);
    else if (!taken && sure && !answered.has(path)) {
      found.faults.set(at, { kind: "not_listed", list: known.title });
    }
  }
  return found;
}

/** Values by the list they should be in. */
export type Values = Record<string, string[]>;

/** What a document has of the lists that are too long to be in this window. */
export function valuesOfLong(
  value: Json | undefined,
  schema: JsonSchema,
  lists: VendorList[],
): Values {
  const long = lists.filter((list) => list.complete === true && !list.whole);
  if (long.length === 0) return NO_VALUES;
  const found: Record<string, Set<string>> = {};
  for (const { list, said } of occurrences(value, schema, namesOf(long))) {
    found[list] ??= new Set();
    found[list].add(said);
  }
  return Object.fromEntries(Object.entries(found).map(([list, some]) => [list, [...some].sort()]));
}

/** Values in portions that one question may hold. */
export function inPortions(values: Values, most: number): Values[] {
  const portions: Values[] = [];
  for (const [list, some] of Object.entries(values)) {
    for (let start = 0; start < some.length; start += most) {
      const at = start / most;
      portions[at] = { ...portions[at], [list]: some.slice(start, start + most) };
    }
  }
  return portions;
}

/** Values that the system takes although its list does not have them. */
const also = (...schemas: JsonSchema[]): string[] =>
  schemas.flatMap((one) => (Array.isArray(one["x-also"]) ? one["x-also"].map(String) : []));

const join = (place: string, name: string | number): string =>
  place === "" ? String(name) : `${place}.${name}`;

const NO_LISTS: VendorList[] = [];
const NO_VALUES: Values = {};
/** So many values of a list may be asked for at once. */
const PORTION = 2000;

/**
 * What is known of the lists that the step's target refers to; nobody is asked before `fetch`.
 * Of long lists, what the document has of them.
 */
export function useVendorLists(place: MapperPlace, value: Json | undefined, schema: JsonSchema) {
  const { workspace, flowId, document, nodeId, slot, environment } = place;
  const client = useQueryClient();
  const node = document.nodes.find((one) => one.id === nodeId);
  const { mapping: _mapping, input: _input, ...config } = node?.config ?? {};
  const key = [workspace, "flow", flowId, "lists", environment, nodeId, slot, digest(config)];
  const ask = (fetch: string[], values: Values, signal?: AbortSignal) =>
    api.post<Page<VendorList>>(
      inWorkspace(workspace, `/flows/${encodeURIComponent(flowId)}/mapping-lists`),
      { document, node_id: nodeId, mapping_name: slot, environment, fetch, values },
      signal,
    );
  const known = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => ask([], NO_VALUES, signal),
    staleTime: 5 * 60_000,
    retry: false,
  });
  const lists = known.data?.items ?? NO_LISTS;
  const values = useMemo(() => valuesOfLong(value, schema, lists), [value, schema, lists]);
  const longKey = [...key, "long", digest(values), known.dataUpdatedAt];
  const long = useQuery({
    queryKey: longKey,
    queryFn: async ({ signal }) => {
      const portions = inPortions(values, PORTION).map((some) => ask([], some, signal));
      return (await Promise.all(portions)).flatMap((answer) => answer.items);
    },
    enabled: Object.keys(values).length > 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const together = useMemo(
    () =>
      lists.map((list) =>
        list.complete === true && !list.whole
          ? {
              ...list,
              entries: (long.data ?? []).flatMap((one) =>
                one.name === list.name ? one.entries : [],
              ),
            }
          : list,
      ),
    [lists, long.data],
  );
  const fetching = useMutation({
    // A long list is read a portion at a time, as long as each brings it on.
    mutationFn: async (names: string[]) => {
      let left = names;
      const before = new Map<string, number>();
      for (;;) {
        const answer = await ask(left, NO_VALUES);
        client.setQueryData(key, answer);
        left = answer.items
          .filter((list) => left.includes(list.name) && list.reading !== null)
          .filter((list) => (list.reading ?? 0) > (before.get(list.name) ?? -1))
          .map((list) => list.name);
        if (left.length === 0) return answer;
        for (const list of answer.items) before.set(list.name, list.reading ?? 0);
      }
    },
    onSuccess: () => {
      // The problems beside the result are held against the same lists.
      void client.invalidateQueries({ queryKey: [workspace, "flow", flowId, "preview"] });
    },
  });
  return {
    lists: together,
    /** The values of long lists that were asked for. */
    asked: long.data ? values : NO_VALUES,
    fetch: fetching.mutate,
    fetching: fetching.isPending,
    error: fetching.error ?? long.error,
  };
}

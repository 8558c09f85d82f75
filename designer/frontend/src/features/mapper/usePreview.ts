/** What the mapping makes of the chosen sample, asked from the server while a person draws. */

import { useDebouncedValue } from "@mantine/hooks";
import {
  keepPreviousData,
  queryOptions,
  useIsFetching,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { type RefObject, useEffect, useMemo, useReducer, useRef } from "react";
import { api, inWorkspace } from "@/api/client";
import type { Page } from "@/api/types";
import { digest } from "./digest";
import { pathsIn } from "./expressions";
import { isWithin } from "./paths";
import { over, touched } from "./touched";
import type {
  FlowDocument,
  Json,
  MappingDocument,
  MappingProblem,
  Preview,
  PreviewValue,
  Rule,
  Sample,
  Sources,
} from "./types";

const DEBOUNCE_MS = 60;
/** After so long it is asked what comes of all of a large mapping, of which a part was answered. */
const REST_MS = 120;
/** After so long without a change it is asked what is wrong with the mapping. */
const CALM_MS = 250;

export interface MapperPlace {
  workspace: string;
  flowId: string;
  /** The flow as it stands on the screen, which may be newer than the saved draft. */
  document: FlowDocument;
  nodeId: string;
  /** Where connections are looked up and recorded runs come from. */
  environment?: string;
  /** Which mapping of the step, where it has two: "find" or "create". */
  slot?: string;
}

const path = (place: MapperPlace, what: string) =>
  inWorkspace(place.workspace, `/flows/${encodeURIComponent(place.flowId)}/${what}`);

export function useSources(place: MapperPlace) {
  return useQuery({
    queryKey: [
      place.workspace,
      "flow",
      place.flowId,
      "sources",
      place.environment,
      place.nodeId,
      place.slot,
      digest(place.document),
    ],
    queryFn: ({ signal }) =>
      api.post<Sources>(
        path(place, "sources"),
        {
          document: place.document,
          node_id: place.nodeId,
          mapping_name: place.slot,
          environment: place.environment,
        },
        signal,
      ),
    placeholderData: keepPreviousData,
  });
}

/** Documents to try the mapping on, their numbers digit for digit. */
export function useSamples(place: MapperPlace) {
  return useQuery({
    queryKey: [place.workspace, "flow", place.flowId, "samples", place.environment, "exact"],
    queryFn: async ({ signal }) =>
      (
        await api.getExact<Page<Sample>>(
          path(place, "samples"),
          { environment: place.environment },
          signal,
        )
      ).items,
    structuralSharing: false,
  });
}

/** A sample as the server is told of it: a recorded run also knows what its steps answered. */
export const sampleOf = (sample: Sample): { run_id: string } | { document: Json } =>
  sample.kind === "run" ? { run_id: sample.id } : { document: sample.document };

export interface Answer extends Preview {
  /** What went wrong with this sample, beside what is wrong with any. */
  errors?: Omit<MappingProblem, "severity">[];
}

/** Steps of which there is only an example, and those that are worked out of them. */
export function restingOn(document: FlowDocument, assumed: string[]): Set<string> {
  const found = new Set(assumed);
  if (found.size === 0) return found;
  const read = document.nodes.map((node) => ({
    id: node.id,
    steps: [...JSON.stringify(node.config).matchAll(/steps\.([\w-]+)/g)].map(([, id]) => id ?? ""),
  }));
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const node of read) if (node.steps.some((id) => found.has(id))) found.add(node.id);
  }
  return found;
}

/** True for a rule that reads what an earlier step answers, where there is only an example of it. */
function waits(rule: Rule | undefined, assumed: Iterable<string>): boolean {
  const read = [...pathsIn(rule?.expr), ...pathsIn(rule?.when)];
  const steps = [...assumed];
  return read.some((path) => steps.some((id) => isWithin(path, `steps.${id}`)));
}

/**
 * One list of what is wrong: a rule that failed on the sample, and what checking found. What an
 * example could not satisfy is no fault of the rule: its value is known in a run only.
 */
export function withErrors(
  answer: Answer,
  mapping: MappingDocument,
  document: FlowDocument,
): Preview {
  const resting = restingOn(document, answer.assumed);
  const pending = new Set(
    resting.size === 0
      ? []
      : mapping.rules.filter((rule) => waits(rule, resting)).map((rule) => rule.id),
  );
  // What the checks found about the same knows how to mend it.
  const fixesOf = new Map(answer.problems.map((p) => [`${p.code} ${p.rule_id}`, p.fixes]));
  const failed = (answer.errors ?? [])
    .filter((e) => !pending.has(e.rule_id ?? ""))
    .map((e) => ({
      ...e,
      severity: "error" as const,
      fixes: fixesOf.get(`${e.code} ${e.rule_id}`) ?? e.fixes,
    }));
  const values = Object.fromEntries(
    Object.entries(answer.values).map(([id, value]): [string, PreviewValue] => [
      id,
      pending.has(id) && "error" in value ? { pending: true } : value,
    ]),
  );
  const known = new Set(failed.map((e) => `${e.code} ${e.rule_id}`));
  const checked = answer.problems.filter((p) => !known.has(`${p.code} ${p.rule_id}`));
  // A rule that fails on each of a hundred rows is one problem to a person.
  const distinct = failed.filter(
    (e, i) => failed.findIndex((o) => o.rule_id === e.rule_id && o.message === e.message) === i,
  );
  return { ...answer, values, problems: [...distinct, ...checked] };
}

/** What is shown: the newest document where it was asked for at once, else once it rests. */
function useSettled(value: MappingDocument, asked: RefObject<MappingDocument>): MappingDocument {
  const shown = useRef(value);
  const [, again] = useReducer((count: number) => count + 1, 0);
  if (asked.current === value) shown.current = value;
  useEffect(() => {
    if (shown.current === value) return;
    const timer = setTimeout(() => {
      shown.current = value;
      again();
    }, DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return shown.current;
}

const keyOf = (place: MapperPlace) => [
  place.workspace,
  "flow",
  place.flowId,
  "preview",
  place.environment,
  place.nodeId,
  place.slot,
];

/** Whether values are being worked out for what was drawn last. */
export const usePreviewing = (place: MapperPlace): boolean =>
  useIsFetching({ queryKey: keyOf(place) }) > 0;

/** The flow without what only the checks of this step need: that is most of a large one. */
function lean(document: FlowDocument, nodeId: string): FlowDocument {
  const nodes = document.nodes.map((node) => {
    if (node.id !== nodeId || node.type !== "map") return node;
    const { target: _target, mapping: _mapping, ...config } = node.config;
    return { ...node, config };
  });
  return { ...document, nodes };
}

/** The two questions about a mapping: what comes of it, and then also what is wrong with it. */
function question(
  place: MapperPlace,
  mapping: MappingDocument,
  sample: Sample | null,
  part: "values" | "all",
) {
  return queryOptions({
    queryKey: [...keyOf(place), sample?.id, digest(place.document), digest(mapping), part],
    queryFn: async ({ signal }) => {
      const answer = await api.postExact<Answer>(
        path(place, "preview"),
        {
          document: part === "values" ? lean(place.document, place.nodeId) : place.document,
          node_id: place.nodeId,
          mapping,
          mapping_name: place.slot,
          environment: place.environment,
          sample: sample ? sampleOf(sample) : { document: {} },
          part,
        },
        signal,
      );
      return part === "all" ? { ...answer, of: mapping } : answer;
    },
    // Exact numbers must stay the objects they are.
    structuralSharing: false,
    staleTime: 60_000,
    gcTime: 60_000,
    retry: false,
  });
}

/**
 * Asks what comes of a document the moment it changes, so that the server works while the screen
 * draws the change; of changes that follow each other closely only the last is asked for. Of a
 * large mapping the part that was changed is asked for first.
 */
export function useAsking(place: MapperPlace, sample: Sample | null, first: MappingDocument) {
  const client = useQueryClient();
  const asked = useRef(first);
  const parts = useRef(new WeakMap<MappingDocument, MappingDocument>()).current;
  const before = useRef(first);
  const changedAt = useRef(Number.NEGATIVE_INFINITY);
  const ask = (mapping: MappingDocument) => {
    const now = performance.now();
    const rested = now - changedAt.current > DEBOUNCE_MS;
    changedAt.current = now;
    const part = touched(before.current, mapping);
    before.current = mapping;
    if (!rested) return;
    asked.current = mapping;
    if (part) parts.set(mapping, part);
    void client.prefetchQuery(question(place, part ?? mapping, sample, "values"));
  };
  return { ask, asked, parts };
}

/** The newest values with those of before where they are the same, which need not be drawn. */
function keeping(before: Preview["values"], now: Preview["values"]): Preview["values"] {
  return Object.fromEntries(
    Object.entries(now).map(([id, value]) => {
      const old = before[id];
      return [id, old && JSON.stringify(old) === JSON.stringify(value) ? old : value];
    }),
  );
}

/** What comes of the mapping, and, as soon as a person rests, what is wrong with it. */
export function usePreview(
  place: MapperPlace,
  mapping: MappingDocument,
  sample: Sample | null,
  ready: boolean,
  { asked, parts }: Pick<ReturnType<typeof useAsking>, "asked" | "parts">,
) {
  const settled = useSettled(mapping, asked);
  const part = parts.get(settled);
  const first = useQuery({
    ...question(place, part ?? settled, sample, "values"),
    enabled: ready && part !== undefined,
  });
  const [rested] = useDebouncedValue(settled, REST_MS);
  const values = useQuery({
    ...question(place, settled, sample, "values"),
    enabled: ready && !(part && (first.isPending || rested !== settled)),
    placeholderData: keepPreviousData,
  });
  const [calm] = useDebouncedValue(settled, CALM_MS);
  const all = useQuery({
    ...question(place, settled, sample, "all"),
    enabled: ready && calm === settled,
    placeholderData: keepPreviousData,
  });
  const whole = all.data;
  const checked = !all.isPlaceholderData;
  const newest = values.isPlaceholderData ? undefined : values.data;
  const early = part && first.data;
  const shown = useRef<Answer>(undefined);
  const drawn = useRef<Preview["values"]>({});
  const preview = useMemo(() => {
    if (!whole) return undefined;
    // What was wrong stays until it is known for the new values too.
    const before = shown.current ?? whole;
    const answer = checked
      ? whole
      : newest
        ? { ...whole, ...newest }
        : early && part
          ? over(before, early, part)
          : before;
    shown.current = answer;
    const found = withErrors(answer, settled, place.document);
    drawn.current = keeping(drawn.current, found.values);
    return { ...found, values: drawn.current };
  }, [whole, checked, newest, early, part, settled, place.document]);
  return { preview, error: all.error ?? values.error };
}

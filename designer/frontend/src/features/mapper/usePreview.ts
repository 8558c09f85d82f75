/** What the mapping makes of the chosen sample, asked from the server while a person draws. */

import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useIsFetching, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useReducer, useRef } from "react";
import { api, inWorkspace } from "@/api/client";
import type { Page } from "@/api/types";
import { digest } from "./digest";
import { pathsIn } from "./expressions";
import { isWithin } from "./paths";
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
/** From so many rules on the values are asked for before everything else. */
const LARGE_RULES = 100;
/** After so long without a change the rest is asked for too. */
const CALM_MS = 300;

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

interface Answer extends Preview {
  /** What went wrong with this sample, beside what is wrong with any. */
  errors?: Omit<MappingProblem, "severity">[];
}

/** Steps of which there is only an example, and those that are worked out of them. */
export function restingOn(document: FlowDocument, assumed: string[]): Set<string> {
  const found = new Set(assumed);
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
    mapping.rules.filter((rule) => waits(rule, resting)).map((rule) => rule.id),
  );
  const failed = (answer.errors ?? [])
    .filter((e) => !pending.has(e.rule_id ?? ""))
    .map((e) => ({ ...e, severity: "error" as const }));
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

/** The value at once, unless it changed just before: then once it rests. */
function useSettled<T>(value: T): T {
  const last = useRef({ value, at: Number.NEGATIVE_INFINITY, shown: value });
  const [, again] = useReducer((count: number) => count + 1, 0);
  if (last.current.value !== value) {
    const at = performance.now();
    const rested = at - last.current.at > DEBOUNCE_MS;
    last.current = { value, at, shown: rested ? value : last.current.shown };
  }
  useEffect(() => {
    if (last.current.shown === value) return;
    const timer = setTimeout(() => {
      last.current.shown = value;
      again();
    }, DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return last.current.shown;
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

/**
 * Asks at once, then waits for pauses, and lets the newest question win: an older one is aborted.
 * Of a large mapping the values are asked first, and then what is wrong with it.
 */
export function usePreview(
  place: MapperPlace,
  mapping: MappingDocument,
  sample: Sample | null,
  ready: boolean,
) {
  const settled = useSettled(mapping);
  const ask = (part: "all" | "values") => ({
    queryKey: [...keyOf(place), sample?.id, digest(place.document), digest(settled), part],
    queryFn: async ({ signal }: { signal: AbortSignal }) => ({
      mapping: settled,
      answer: await api.postExact<Answer>(
        path(place, "preview"),
        {
          document: place.document,
          node_id: place.nodeId,
          mapping: settled,
          mapping_name: place.slot,
          environment: place.environment,
          sample: sample ? sampleOf(sample) : { document: {} },
          part,
        },
        signal,
      ),
    }),
    // Exact numbers must stay the objects they are.
    structuralSharing: false,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 60_000,
    retry: false,
  });
  const large = settled.rules.length > LARGE_RULES;
  const values = useQuery({ ...ask("values"), enabled: ready && large });
  const [calm] = useDebouncedValue(settled, CALM_MS);
  const all = useQuery({
    ...ask("all"),
    enabled: ready && (!large || (calm === settled && !values.isFetching)),
  });
  const newest =
    large && values.data && digest(values.data.mapping) === digest(settled)
      ? values.data.answer
      : undefined;
  const whole = all.data;
  const preview = useMemo(() => {
    if (!whole) return undefined;
    // What was wrong stays until it is known for the new values too.
    const older = newest && digest(whole.mapping) !== digest(settled);
    const answer = older ? { ...whole.answer, ...newest } : whole.answer;
    return withErrors(answer, older ? settled : whole.mapping, place.document);
  }, [whole, newest, settled, place.document]);
  return { preview, error: all.error ?? values.error };
}

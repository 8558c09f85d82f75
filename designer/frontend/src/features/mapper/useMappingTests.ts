/** Tests of one mapping: kept with the flow, run on the mapping as it is drawn. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import type { Page } from "@/api/types";
import type { FlowDocument, Json, MappingDocument } from "./types";
import type { MapperPlace } from "./usePreview";

export interface MappingTest {
  id: string;
  name: string;
  node_id: string;
  mapping_name: string;
  input: Json;
  expected: Json;
  blocks: boolean;
}

export interface Outcome {
  id: string;
  passed: boolean;
  differences: string[];
  errors: string[];
}

interface Ran {
  outcomes: Outcome[];
  coverage: { node_id: string; mapping_name: string; rules: number; never_ran: string[] }[];
}

const MAPPING_KEYS = ["mapping", "input"];

/** The flow with the mapping as it is drawn now in place of the one it holds. */
export function withMapping(
  document: FlowDocument,
  nodeId: string,
  slot: string,
  mapping: MappingDocument,
): FlowDocument {
  const nodes = document.nodes.map((node) =>
    node.id === nodeId ? { ...node, config: { ...node.config, [slot]: mapping } } : node,
  );
  return { ...document, nodes } as FlowDocument;
}

export function useMappingTests(place: MapperPlace, mapping: MappingDocument) {
  const { workspace, flowId, nodeId } = place;
  const node = place.document.nodes.find((n) => n.id === nodeId);
  const slot =
    place.slot ?? MAPPING_KEYS.find((key) => node && key in node.config) ?? MAPPING_KEYS[0] ?? "";
  const client = useQueryClient();
  const at = (rest = "") =>
    inWorkspace(workspace, `/flows/${encodeURIComponent(flowId)}/mapping-tests${rest}`);
  const key = [workspace, "flow", flowId, "mapping-tests"];
  const tests = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) =>
      (await api.getExact<Page<MappingTest>>(at(), { limit: 200 }, signal)).items,
    structuralSharing: false,
  });
  const ran = useMutation({
    // Of the mapping as it is drawn, or of another that could take its place.
    mutationFn: (other: MappingDocument | undefined) =>
      api.postExact<Ran>(at("/run"), {
        document: withMapping(place.document, nodeId, slot, other ?? mapping),
      }),
  });
  const again = async () => {
    await client.invalidateQueries({ queryKey: key });
    ran.mutate(undefined);
  };
  const save = useMutation({
    mutationFn: (test: Pick<MappingTest, "name" | "input" | "expected" | "blocks">) =>
      api.post(at(), { ...test, node_id: nodeId, mapping_name: slot }),
    onSuccess: again,
  });
  const change = useMutation({
    mutationFn: ({ id, ...test }: MappingTest) =>
      api.put(at(`/${id}`), {
        name: test.name,
        node_id: test.node_id,
        mapping_name: test.mapping_name,
        input: test.input,
        expected: test.expected,
        blocks: test.blocks,
      }),
    onSuccess: again,
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.delete(at(`/${id}`)),
    onSuccess: () => client.invalidateQueries({ queryKey: key }),
  });
  const mine = (tests.data ?? []).filter(
    (test) => test.node_id === nodeId && test.mapping_name === slot,
  );
  const covered = ran.data?.coverage.find((c) => c.node_id === nodeId && c.mapping_name === slot);
  return { tests, mine, ran, save, change, remove, covered };
}

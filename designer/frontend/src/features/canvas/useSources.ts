import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, inWorkspace } from "@/api/client";
import type { FlowDocument, Sources } from "@/api/types";
import { useDesigner } from "./DesignerContext";
import { nodeOf, upstream } from "./document";

/** Settings of a step that its own sources or target depend on; expressions are not among them. */
const SHAPING = ["connection", "connector", "operation", "entity", "target", "source"];

/** What decides the trees a step reads and writes: itself, and all that comes before it. */
function signatureOf(document: FlowDocument, nodeId: string): string {
  const before = upstream(document, nodeId);
  const own = nodeOf(document, nodeId);
  return JSON.stringify([
    document.nodes
      .filter((node) => before.has(node.id))
      .map((node) => [node.id, node.type, node.name, node.config]),
    own?.type,
    SHAPING.map((key) => own?.config[key]),
  ]);
}

/**
 * Source trees and target schema of a step, fetched again when something before it changes.
 * The slot says which of its mappings is meant, for steps that have two.
 */
export function useSources(nodeId: string, slot = "") {
  const { ws, env, flow, document } = useDesigner();
  const flowId = flow.id;
  const signature = useMemo(() => signatureOf(document, nodeId), [document, nodeId]);
  const [settled] = useDebouncedValue(signature, 300);
  return useQuery({
    queryKey: [ws, "flow", flowId, "sources", env, nodeId, slot, settled],
    queryFn: ({ signal }) =>
      api.post<Sources>(
        inWorkspace(ws, `/flows/${flowId}/sources`),
        { document, node_id: nodeId, mapping_name: slot, environment: env },
        signal,
      ),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}

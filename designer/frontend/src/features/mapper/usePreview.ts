/** What the mapping makes of the chosen sample, asked from the server while a person draws. */

import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import type { FlowDocument, Json, MappingDocument, Preview, Sample, Sources } from "./types";

const DEBOUNCE_MS = 150;

export interface MapperPlace {
  workspace: string;
  flowId: string;
  /** The flow as it stands on the screen, which may be newer than the saved draft. */
  document: FlowDocument;
  nodeId: string;
}

const path = (place: MapperPlace, what: string) =>
  inWorkspace(place.workspace, `/flows/${encodeURIComponent(place.flowId)}/${what}`);

export function useSources(place: MapperPlace) {
  return useQuery({
    queryKey: [place.workspace, "flow", place.flowId, "sources", place.nodeId, place.document],
    queryFn: ({ signal }) =>
      api.post<Sources>(
        path(place, "sources"),
        { document: place.document, node_id: place.nodeId },
        signal,
      ),
    placeholderData: keepPreviousData,
  });
}

/** Waits for a pause, and lets the newest question win: an older one is aborted. */
export function usePreview(
  place: MapperPlace,
  mapping: MappingDocument,
  sample: Sample | null,
  ready: boolean,
) {
  const [settled] = useDebouncedValue(mapping, DEBOUNCE_MS);
  const query = useQuery({
    queryKey: [place.workspace, "flow", place.flowId, "preview", place.nodeId, sample?.id, settled],
    queryFn: ({ signal }) =>
      api.post<Preview>(
        path(place, "preview"),
        {
          document: place.document,
          node_id: place.nodeId,
          mapping: settled,
          sample: { document: sample?.document ?? ({} as Json) },
        },
        signal,
      ),
    enabled: ready,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 60_000,
    retry: false,
  });
  return {
    preview: query.data,
    updating: query.isFetching || settled !== mapping,
    error: query.error,
  };
}

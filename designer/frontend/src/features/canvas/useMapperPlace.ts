/** The open mapper, as the address names it: a reload opens it again, and the way back closes it. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { MappingSlot } from "./DesignerContext";
import type { MapperPlace } from "./MapperDialog";

const SLOTS: readonly string[] = ["input", "mapping", "find", "create"];

export function useMapperPlace(): [MapperPlace | null, (place: MapperPlace | null) => void] {
  const { mapper } = useSearch({ strict: false }) as { mapper?: string };
  const navigate = useNavigate();
  const place = useMemo(() => {
    const at = mapper?.lastIndexOf(":") ?? -1;
    if (!mapper || at < 1 || !SLOTS.includes(mapper.slice(at + 1))) return null;
    return { nodeId: mapper.slice(0, at), slot: mapper.slice(at + 1) as MappingSlot };
  }, [mapper]);
  const open = useCallback(
    (next: MapperPlace | null) => {
      void navigate({
        to: ".",
        replace: next === null,
        search: (before: Record<string, string | undefined>) => {
          const { mapper: _open, ...rest } = before;
          return next ? { ...rest, mapper: `${next.nodeId}:${next.slot}` } : rest;
        },
      });
    },
    [navigate],
  );
  return [place, open];
}

/**
 * Drawings that are not saved yet, kept in this browser: a reload, a closed tab, the way back or a
 * lost connection takes nothing. What the draft holds is forgotten here.
 */

import { parseExact } from "@/api/exact";
import { digest } from "./digest";
import { readMapping } from "./model";
import type { FlowDocument, MappingDocument } from "./types";

export interface DrawingPlace {
  workspace: string;
  flowId: string;
  nodeId: string;
  slot?: string;
}

export interface KeptDrawing {
  mapping: MappingDocument;
  /** The saved mapping that it was drawn over. */
  over: MappingDocument;
  /** When it was drawn, in UTC. */
  at: string;
}

const PREFIX = "causeway.drawing";
const EXPIRES_MS = 60 * 24 * 3_600_000;

const flowKey = (workspace: string, flowId: string) => `${PREFIX} ${workspace} ${flowId} `;
const keyOf = (place: DrawingPlace) =>
  `${flowKey(place.workspace, place.flowId)}${place.nodeId} ${place.slot ?? ""}`;

/** False where the browser keeps nothing: then leaving must be asked about. */
export function keepDrawing(
  place: DrawingPlace,
  mapping: MappingDocument,
  over: MappingDocument,
): boolean {
  const drawing: KeptDrawing = { mapping, over, at: new Date().toISOString() };
  try {
    window.localStorage.setItem(keyOf(place), JSON.stringify(drawing));
    return true;
  } catch {
    return false;
  }
}

export function keptDrawing(place: DrawingPlace): KeptDrawing | null {
  return read(keyOf(place));
}

export function forgetDrawing(place: DrawingPlace): void {
  forget(keyOf(place));
}

/** Forgets the drawings that a saved draft holds, and those that nobody came back for. */
export function forgetSaved(workspace: string, flowId: string, document: FlowDocument): void {
  const mine = flowKey(workspace, flowId);
  for (const key of keys()) {
    const kept = read(key);
    if (!kept || Date.now() - Date.parse(kept.at) > EXPIRES_MS) {
      forget(key);
      continue;
    }
    if (!key.startsWith(mine)) continue;
    const [nodeId, slot = ""] = key.slice(mine.length).split(" ");
    const node = document.nodes.find((one) => one.id === nodeId);
    const held = (node?.config as Record<string, unknown> | undefined)?.[slot];
    if (digest(readMapping(held)) === digest(kept.mapping)) forget(key);
  }
}

function keys(): string[] {
  try {
    return Object.keys(window.localStorage).filter((key) => key.startsWith(`${PREFIX} `));
  } catch {
    return [];
  }
}

function read(key: string): KeptDrawing | null {
  try {
    const found = parseExact(window.localStorage.getItem(key) ?? "null") as KeptDrawing | null;
    return Array.isArray(found?.mapping?.rules) && typeof found.at === "string" ? found : null;
  } catch {
    return null;
  }
}

function forget(key: string): void {
  try {
    window.localStorage.removeItem(key);
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}

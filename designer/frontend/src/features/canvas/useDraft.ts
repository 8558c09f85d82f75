import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { type ApiProblem, api, asProblem, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import { onLogInReturned } from "@/api/session";
import type { Draft, Flow, FlowDocument } from "@/api/types";
import { t } from "./en";
import { begin, commit, type History, redo, undo } from "./history";

interface Saved {
  revision: number;
  /** Mapping tests that the draft as it is now does not pass. */
  failing_tests?: { message: string }[];
}

/** Says which mapping tests fail since the last save; the same ones are told once. */
function tellOfTests(problems: { message: string }[], told: { current: string }): void {
  const now = problems.map((problem) => problem.message).join("\n");
  if (now === told.current) return;
  told.current = now;
  notifications.hide(TESTS_NOTICE);
  if (problems.length === 0) return;
  notifications.show({
    id: TESTS_NOTICE,
    color: "yellow",
    title: t("save.testsFail", { count: problems.length }),
    message: problems
      .slice(0, MOST_TOLD)
      .map((problem) => problem.message)
      .join(" "),
    autoClose: 12_000,
  });
}

const TESTS_NOTICE = "mapping-tests";
const MOST_TOLD = 3;
const SAVE_AFTER_MS = 800;
const RETRY_AFTER_MS = 5_000;

export type SaveState = "saved" | "saving" | "unsaved" | "error" | "conflict";

export interface DraftApi {
  document: FlowDocument;
  /** Changes the document; changes of one key in a row are one step of undo. */
  change: (make: (document: FlowDocument) => FlowDocument, key?: string) => void;
  undo: () => void;
  redo: () => void;
  canUndo: boolean;
  canRedo: boolean;
  saveState: SaveState;
  saveProblem: ApiProblem | null;
  /** The newer draft of someone else, while the two are in conflict. */
  conflict: Draft | null;
  /** Saves what is not saved and gives the revision that the server holds; null if it failed. */
  flush: () => Promise<number | null>;
  /** Nothing would be lost by leaving now. */
  isSaved: () => boolean;
  /** Drops the own changes for the draft the server holds. */
  takeTheirs: (draft: Draft) => void;
}

type Act =
  | { do: "change"; make: (document: FlowDocument) => FlowDocument; key?: string; at: number }
  | { do: "undo" }
  | { do: "redo" }
  | { do: "load"; document: FlowDocument };

function reduce(history: History<FlowDocument>, act: Act): History<FlowDocument> {
  if (act.do === "undo") return undo(history);
  if (act.do === "redo") return redo(history);
  if (act.do === "load") return begin(act.document);
  const mark = act.key ? { key: act.key, at: act.at } : null;
  return commit(history, act.make(history.present), mark);
}

/** The draft of a flow with undo, saved by itself shortly after each change. */
export function useDraft(ws: string, flow: Flow, editable: boolean): DraftApi {
  const cache = useQueryClient();
  const [history, act] = useReducer(reduce, flow.draft.document, begin<FlowDocument>);
  const [saveState, setSaveState] = useState<SaveState>("saved");
  const [saveProblem, setSaveProblem] = useState<ApiProblem | null>(null);
  const [conflict, setConflict] = useState<Draft | null>(null);
  const document = history.present;

  const latest = useRef(document);
  latest.current = document;
  const saved = useRef(document);
  const revision = useRef(flow.draft.revision);
  const flight = useRef<Promise<void> | null>(null);
  const stopped = useRef(false);
  const failing = useRef("");

  const putOnce = useCallback(async (): Promise<void> => {
    const sent = latest.current;
    setSaveState("saving");
    try {
      const answer = await api.put<Saved>(inWorkspace(ws, `/flows/${flow.id}/draft`), {
        revision: revision.current,
        document: sent,
      });
      revision.current = answer.revision;
      saved.current = sent;
      tellOfTests(answer.failing_tests ?? [], failing);
      setSaveProblem(null);
      setSaveState(latest.current === sent ? "saved" : "unsaved");
      cache.setQueryData<Flow>(keys.flow(ws, flow.id), (before) =>
        before
          ? { ...before, draft: { ...before.draft, document: sent, revision: answer.revision } }
          : before,
      );
      void cache.invalidateQueries({ queryKey: keys.flows(ws), exact: true });
    } catch (error) {
      const problem = asProblem(error);
      if (problem.code === "flow.stale_draft" || problem.status === 409) {
        stopped.current = true;
        setSaveState("conflict");
        setConflict((problem.extras.current as Draft | undefined) ?? null);
      } else {
        setSaveState("error");
      }
      setSaveProblem(problem);
      throw problem;
    }
  }, [cache, ws, flow.id]);

  const flush = useCallback(async (): Promise<number | null> => {
    try {
      while (flight.current) await flight.current.catch(() => undefined);
      while (!stopped.current && saved.current !== latest.current) {
        flight.current = putOnce();
        try {
          await flight.current;
        } finally {
          flight.current = null;
        }
      }
      return stopped.current ? null : revision.current;
    } catch {
      return null;
    }
  }, [putOnce]);

  useEffect(() => {
    if (!editable || stopped.current) return;
    if (document === saved.current) {
      setSaveState((state) => (state === "saving" ? state : "saved"));
      return;
    }
    setSaveState((state) => (state === "saving" ? state : "unsaved"));
    const timer = window.setTimeout(() => void flush(), SAVE_AFTER_MS);
    return () => window.clearTimeout(timer);
  }, [document, editable, flush]);

  // A save that failed for want of a network is tried again without asking.
  useEffect(() => {
    if (saveState !== "error" || (saveProblem && saveProblem.status !== 0)) return;
    const timer = window.setTimeout(() => void flush(), RETRY_AFTER_MS);
    return () => window.clearTimeout(timer);
  }, [saveState, saveProblem, flush]);

  // What could not be saved because the log-in had ended is saved once it is back.
  useEffect(() => onLogInReturned(() => void flush()), [flush]);

  const unsaved = saveState !== "saved";
  useEffect(() => {
    if (!unsaved || !editable) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [unsaved, editable]);

  // Leaving the screen inside the application saves at once instead of after the pause.
  useEffect(() => {
    return () => {
      if (saved.current !== latest.current) void flush();
    };
  }, [flush]);

  const change = useCallback<DraftApi["change"]>(
    (make, key) => {
      if (editable) act({ do: "change", make, key, at: Date.now() });
    },
    [editable],
  );

  const takeTheirs = useCallback(
    (draft: Draft) => {
      revision.current = draft.revision;
      saved.current = draft.document;
      latest.current = draft.document;
      stopped.current = false;
      act({ do: "load", document: draft.document });
      setConflict(null);
      setSaveProblem(null);
      setSaveState("saved");
      void cache.invalidateQueries({ queryKey: keys.flow(ws, flow.id) });
    },
    [cache, ws, flow.id],
  );

  const isSaved = useCallback(() => !stopped.current && saved.current === latest.current, []);

  return {
    document,
    isSaved,
    change,
    undo: useCallback(() => act({ do: "undo" }), []),
    redo: useCallback(() => act({ do: "redo" }), []),
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    saveState,
    saveProblem,
    conflict,
    flush,
    takeTheirs,
  };
}

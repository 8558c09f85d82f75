import { useEffect, useState } from "react";
import { api, inWorkspace } from "@/api/client";
import type { FlowDocument, Problem } from "@/api/types";

const CHECK_AFTER_MS = 500;

/** What the server finds wrong with the document as it is drawn, asked anew after each change. */
export function useChecks(ws: string, flowId: string, environment: string, document: FlowDocument) {
  const [problems, setProblems] = useState<Problem[]>([]);
  const [checking, setChecking] = useState(true);
  useEffect(() => {
    const abort = new AbortController();
    setChecking(true);
    const timer = window.setTimeout(async () => {
      try {
        const answer = await api.post<{ problems: Problem[] }>(
          inWorkspace(ws, `/flows/${flowId}/check`),
          { document, environment },
          abort.signal,
        );
        setProblems(answer.problems);
        setChecking(false);
      } catch {
        // The save state tells when the server is away; the last findings stay on the screen.
        if (!abort.signal.aborted) setChecking(false);
      }
    }, CHECK_AFTER_MS);
    return () => {
      abort.abort();
      window.clearTimeout(timer);
    };
  }, [ws, flowId, environment, document]);
  return { problems, checking };
}

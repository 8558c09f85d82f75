import { createContext, useContext } from "react";
import type { FlowNode, JsonObject, SourceTree } from "@/api/types";

/** What every field of an inspector form needs to know. */
export interface FormSurroundings {
  node: FlowNode;
  /** Changes the settings; changes of one key in a row are one step of undo. */
  set: (patch: Record<string, unknown>, key?: string) => void;
  sources: SourceTree[];
  /** A sample run's data, to show values beside fields. */
  context: JsonObject | undefined;
  readOnly: boolean;
}

const Context = createContext<FormSurroundings | null>(null);

export const FormProvider = Context.Provider;

export function useForm(): FormSurroundings {
  const form = useContext(Context);
  if (!form) throw new Error("useForm needs a FormProvider above it.");
  return form;
}

import { Modal, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import type { DeadLetter, Json } from "@/api/types";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { DiffView } from "./DiffView";
import { r } from "./records.en";

interface EditDialogProps {
  record: DeadLetter;
  /** Place of the edit in the record's history; null shows nothing. */
  number: number | null;
  onClose: () => void;
}

/** What somebody changed in a record's document. */
export function EditDialog({ record, number, onClose }: EditDialogProps) {
  const { ws } = useWorkspace();
  const edit = useQuery({
    queryKey: [ws, "letter-edit", record.id, number],
    structuralSharing: false,
    enabled: number !== null,
    queryFn: ({ signal }) =>
      api.getExact<{ before: Json; after: Json }>(
        inWorkspace(ws, `/dead-letters/${encodeURIComponent(record.id)}/edits/${number}`),
        undefined,
        signal,
      ),
  });
  const text = (document: Json) => JSON.stringify(document, null, 2) ?? "null";
  return (
    <Modal opened={number !== null} onClose={onClose} title={r("edit.show")} size="xl">
      <ProblemAlert error={edit.error} />
      {edit.data ? (
        <DiffView before={text(edit.data.before)} after={text(edit.data.after)} />
      ) : (
        <Skeleton height={200} />
      )}
    </Modal>
  );
}

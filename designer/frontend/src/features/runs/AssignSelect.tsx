import { Select } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { DeadLetter } from "@/api/types";
import { notifyProblem } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { membersQuery } from "./queries";
import { r } from "./records.en";

/** Who deals with a record. */
export function AssignSelect({ record, disabled }: { record: DeadLetter; disabled: boolean }) {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const { data: members = [] } = useQuery(membersQuery(ws));
  const assign = useMutation({
    mutationFn: (member: string) =>
      api.post(inWorkspace(ws, `/dead-letters/${encodeURIComponent(record.id)}/assign`), {
        member_id: member,
      }),
    onSuccess: () => {
      notifications.show({ message: r("assign.done") });
      return cache.invalidateQueries({ queryKey: keys.deadLetters(ws) });
    },
    onError: notifyProblem,
  });
  return (
    <Select
      size="xs"
      w={220}
      aria-label={r("assign.label")}
      disabled={disabled || assign.isPending}
      allowDeselect={false}
      data={[
        { value: "", label: r("filter.nobody") },
        ...members.map(({ id, name }) => ({ value: id, label: name })),
      ]}
      value={record.assignee?.id ?? ""}
      onChange={(member) => assign.mutate(member ?? "")}
    />
  );
}

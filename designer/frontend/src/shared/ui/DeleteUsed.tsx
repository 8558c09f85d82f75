import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, asProblem } from "@/api/client";
import { useWorkspace } from "@/shared/workspace";
import { ProblemAlert } from "./ProblemAlert";

interface Use {
  flow_id: string;
  name: string;
}

interface DeleteUsedProps {
  opened: boolean;
  onClose: () => void;
  words: {
    title: string;
    text: string;
    used: string;
    hint: string;
    keep: string;
    confirm: string;
  };
  /** Where the thing lives; it is deleted there. */
  path: string;
  users: readonly Use[];
  onDeleted: () => Promise<void>;
}

/** Asks once and says what is lost; while flows use the thing it shows them instead. */
export function DeleteUsed({ opened, onClose, words, path, users, onDeleted }: DeleteUsedProps) {
  const { ws } = useWorkspace();
  const remove = useMutation({ mutationFn: () => api.delete(path), onSuccess: onDeleted });
  const told = asProblem(remove.error).extras.used_by as readonly Use[] | undefined;
  const shown = told ?? users;
  return (
    <Modal opened={opened} onClose={onClose} title={words.title}>
      <Stack gap="md">
        {shown.length > 0 ? (
          <div>
            <Text size="sm">{words.used}</Text>
            <ul>
              {shown.map(({ flow_id, name }) => (
                <li key={flow_id}>
                  <Link to="/w/$ws/flows/$flowId" params={{ ws, flowId: flow_id }}>
                    {name}
                  </Link>
                </li>
              ))}
            </ul>
            <Text size="sm">{words.hint}</Text>
          </div>
        ) : (
          <Text size="sm">{words.text}</Text>
        )}
        <ProblemAlert error={told ? null : remove.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {words.keep}
          </Button>
          <Button
            color="red.8"
            disabled={shown.length > 0}
            loading={remove.isPending}
            onClick={() => remove.mutate()}
          >
            {words.confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

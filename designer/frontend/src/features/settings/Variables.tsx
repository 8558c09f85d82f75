import { ActionIcon, Button, Group, Modal, Skeleton, Table, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { parseExact } from "@/api/exact";
import type { Json } from "@/api/types";
import { TimeAgo } from "@/shared/time";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { type Variable, variablesQuery } from "./queries";
import classes from "./settings.module.css";

/** The text as the JSON that it is, else as a plain text. */
function jsonOf(text: string): Json {
  try {
    return parseExact(text) as Json;
  } catch {
    return text;
  }
}

function textOf(value: Json): string {
  if (typeof value !== "string") return JSON.stringify(value);
  // A text that looks like JSON keeps its quotes, so that it stays a text.
  return typeof jsonOf(value) === "string" ? value : JSON.stringify(value);
}

/** What flows read as ``vars``. */
export function Variables() {
  const { ws, env, can } = useWorkspace();
  const { data, error, refetch } = useQuery(variablesQuery(ws, env));
  const [name, setName] = useState("");
  const [value, setValue] = useState("");
  const [removing, setRemoving] = useState<string | null>(null);
  const edits = can("settings.edit");
  const cache = useQueryClient();
  const path = (of: string) =>
    inWorkspace(ws, `/settings/variables/${encodeURIComponent(of)}?environment=${env}`);
  const refresh = () => cache.invalidateQueries({ queryKey: [ws, "variables", env] });
  const save = useMutation({
    mutationFn: () => api.put(path(name.trim()), { value: jsonOf(value), environment: env }),
    onSuccess: () => {
      notifications.show({ message: t("vars.saved", { name: name.trim() }) });
      setName("");
      setValue("");
      return refresh();
    },
  });
  const remove = useMutation({
    mutationFn: (of: string) => api.delete(path(of)),
    onSuccess: () => {
      setRemoving(null);
      return refresh();
    },
  });
  return (
    <section className={classes.section} aria-labelledby="settings-vars">
      <h2 id="settings-vars">{t("vars.title")}</h2>
      <p className={classes.lead}>{t("vars.text")}</p>
      {error && !data ? (
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton height={60} />
      ) : data.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("vars.none")}
        </Text>
      ) : (
        <Rows
          rows={data}
          edits={edits}
          onEdit={(row) => {
            setName(row.name);
            setValue(textOf(row.value));
          }}
          onRemove={setRemoving}
        />
      )}
      {edits && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate();
          }}
        >
          <Group align="flex-start" gap="sm" mt="md">
            <TextInput
              w={{ base: "100%", xs: 230 }}
              label={t("vars.name")}
              description={t("vars.nameHelp")}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <TextInput
              flex={1}
              miw={220}
              label={t("vars.value")}
              description={t("vars.valueHelp")}
              value={value}
              onChange={(event) => setValue(event.currentTarget.value)}
            />
          </Group>
          <ProblemAlert error={save.error} />
          <Button
            mt="sm"
            type="submit"
            variant="light"
            leftSection={<IconPlus size={15} aria-hidden />}
            loading={save.isPending}
            disabled={name.trim() === ""}
          >
            {data?.some((row) => row.name === name.trim()) ? t("vars.save") : t("vars.add")}
          </Button>
        </form>
      )}
      <Modal
        opened={removing !== null}
        onClose={() => setRemoving(null)}
        title={t("vars.remove", { name: removing ?? "" })}
      >
        <Text size="sm">{t("vars.remove.text")}</Text>
        <ProblemAlert error={remove.error} />
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" onClick={() => setRemoving(null)}>
            {t("vars.cancel")}
          </Button>
          <Button
            color="red"
            loading={remove.isPending}
            onClick={() => removing && remove.mutate(removing)}
          >
            {t("vars.remove.confirm")}
          </Button>
        </Group>
      </Modal>
    </section>
  );
}

interface RowsProps {
  rows: Variable[];
  edits: boolean;
  onEdit: (row: Variable) => void;
  onRemove: (name: string) => void;
}

function Rows({ rows, edits, onEdit, onRemove }: RowsProps) {
  return (
    <Table verticalSpacing={6} aria-label={t("vars.title")}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("vars.name")}</Table.Th>
          <Table.Th>{t("vars.value")}</Table.Th>
          <Table.Th>{t("vars.changed")}</Table.Th>
          {edits && <Table.Th aria-label={t("vars.title")} />}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={row.name}>
            <Table.Td>
              <code>vars.{row.name}</code>
            </Table.Td>
            <Table.Td className={classes.value}>{textOf(row.value)}</Table.Td>
            <Table.Td>
              <Text size="xs" c="dimmed">
                <TimeAgo at={row.changed_at} /> {t("vars.by", { by: row.changed_by })}
              </Text>
            </Table.Td>
            {edits && (
              <Table.Td>
                <Group gap={4} justify="flex-end" wrap="nowrap">
                  <ActionIcon
                    aria-label={t("vars.edit", { name: row.name })}
                    onClick={() => onEdit(row)}
                  >
                    <IconPencil size={15} />
                  </ActionIcon>
                  <ActionIcon
                    aria-label={t("vars.remove", { name: row.name })}
                    onClick={() => onRemove(row.name)}
                  >
                    <IconTrash size={15} />
                  </ActionIcon>
                </Group>
              </Table.Td>
            )}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

import { Button, FileInput, Group, Modal, Radio, Stack, Text, TextInput } from "@mantine/core";
import { IconFileSpreadsheet } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { ColumnsEditor } from "./ColumnsEditor";
import { t } from "./en";
import classes from "./lookups.module.css";
import { columnsFault } from "./model";
import { type LookupTable, lookupKeys, type TableColumn, type UploadInfo } from "./queries";

type Kind = "blank" | "file" | "rates";
const KINDS: Kind[] = ["blank", "file", "rates"];

const START: TableColumn[] = [
  { name: "key", title: t("new.key"), type: "text", key: true, required: true },
  { name: "value", title: t("new.value"), type: "text", key: false, required: false },
];

/** Asks what the table is for, and makes it with the columns it needs. */
export function NewTableDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title={t("new.title")} size="lg">
      {opened && <Form onClose={onClose} />}
    </Modal>
  );
}

function Form({ onClose }: { onClose: () => void }) {
  const { ws, env } = useWorkspace();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const [kind, setKind] = useState<Kind>("blank");
  const [name, setName] = useState("");
  const [columns, setColumns] = useState(START);
  const [upload, setUpload] = useState<UploadInfo | null>(null);

  const read = useMutation({
    mutationFn: (file: File) =>
      api.upload<UploadInfo>(`${inWorkspace(ws, "/uploads")}?environment=${env}`, file),
    onSuccess: (info) => {
      setUpload(info);
      setColumns(info.guessed);
      if (!name) setName(info.name.replace(/\.[^.]+$/, ""));
    },
  });
  const create = useMutation({
    mutationFn: () =>
      api.post<LookupTable>(inWorkspace(ws, "/lookups"), {
        name: name.trim(),
        environment: env,
        kind: kind === "rates" ? "rates" : "table",
        columns: kind === "rates" ? [] : columns,
      }),
    onSuccess: async (made) => {
      await cache.invalidateQueries({ queryKey: lookupKeys.all(ws) });
      onClose();
      await navigate({
        to: "/w/$ws/lookups/$tableId",
        params: { ws, tableId: made.id },
        search: { env, ...(kind === "file" && upload ? { upload: upload.id } : {}) },
      });
    },
  });
  const fault = kind === "rates" ? null : columnsFault(columns);
  const ready = name.trim() !== "" && fault === null && (kind !== "file" || upload !== null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) create.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Radio.Group
          label={t("new.kind")}
          value={kind}
          onChange={(value) => {
            setKind(value as Kind);
            setColumns(value === "file" && upload ? upload.guessed : START);
          }}
        >
          <div className={classes.choices}>
            {KINDS.map((value) => (
              <Radio.Card key={value} value={value} className={classes.choice}>
                <Group wrap="nowrap" align="flex-start" gap="sm">
                  <Radio.Indicator />
                  <span>
                    <b>{t(`new.kind.${value}`)}</b>
                    <Text span display="block" size="xs" c="dimmed">
                      {t(`new.kind.${value}.help`)}
                    </Text>
                  </span>
                </Group>
              </Radio.Card>
            ))}
          </div>
        </Radio.Group>
        {kind === "file" && (
          <FileInput
            label={t("import.file")}
            description={t("import.file.help")}
            placeholder={t("import.file.choose")}
            accept=".csv,.txt,.xlsx"
            leftSection={<IconFileSpreadsheet size={16} aria-hidden />}
            onChange={(file) => file && read.mutate(file)}
          />
        )}
        <ProblemAlert error={read.error} />
        <TextInput
          required
          data-autofocus
          label={t("new.name")}
          placeholder={t("new.name.example")}
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {(kind === "blank" || upload) && kind !== "rates" && (
          <ColumnsEditor columns={columns} onChange={setColumns} />
        )}
        {fault && (
          <Text size="sm" className={classes.fault} role="status">
            {t(fault)}
          </Text>
        )}
        <ProblemAlert error={create.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button type="submit" disabled={!ready} loading={create.isPending || read.isPending}>
            {kind === "file" ? t("new.create.file") : t("new.create")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

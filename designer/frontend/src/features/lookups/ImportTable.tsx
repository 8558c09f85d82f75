import { Button, Group, Modal, Radio, Select, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api } from "@/api/client";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { FileStep, PreviewStep } from "./ImportSteps";
import classes from "./lookups.module.css";
import { matchHeaders } from "./model";
import {
  type ImportPreview,
  type LookupTable,
  lookupKeys,
  type TableVersion,
  tablePath,
  type UploadInfo,
} from "./queries";

type Mode = "merge" | "add" | "replace";
const MODES: Mode[] = ["merge", "add", "replace"];

interface ImportTableProps {
  table: LookupTable;
  opened: boolean;
  /** A file that was sent already, when the table was made from it. */
  upload: string | null;
  onClose: () => void;
}

/** File, columns, a look at what will happen, then one new version. */
export function ImportTable({ table, opened, upload, onClose }: ImportTableProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t("import.title", { name: table.name })}
      size="xl"
    >
      {opened && <Steps table={table} upload={upload} onClose={onClose} />}
    </Modal>
  );
}

function Steps({ table, upload, onClose }: Omit<ImportTableProps, "opened">) {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const [file, setFile] = useState<UploadInfo | null>(null);
  const [matching, setMatching] = useState<Record<string, string>>(() =>
    Object.fromEntries(table.columns.map(({ name, title }) => [name, title])),
  );
  const [mode, setMode] = useState<Mode>("merge");
  const [note, setNote] = useState("");
  const [skip, setSkip] = useState(false);
  const uploadId = file?.id ?? upload;
  const check = useMutation({
    mutationFn: () =>
      api.postExact<ImportPreview>(tablePath(ws, table.id, "/import-preview"), {
        upload: uploadId,
        matching,
        mode,
      }),
  });
  const take = useMutation({
    mutationFn: () =>
      api.post<{ version: TableVersion | null }>(tablePath(ws, table.id, "/import"), {
        upload: uploadId,
        matching,
        mode,
        based_on: table.version,
        note: note.trim(),
        skip_faulty: skip,
      }),
    onSuccess: async ({ version }) => {
      await cache.invalidateQueries({ queryKey: lookupKeys.all(ws) });
      onClose();
      notifications.show({
        message: version
          ? t("import.done", {
              added: version.added,
              changed: version.changed,
              removed: version.removed,
            })
          : t("import.nothing"),
      });
    },
  });
  // A table that was just made from this file needs no matching: look at the rows at once.
  const asked = useRef(false);
  useEffect(() => {
    if (!upload || asked.current) return;
    asked.current = true;
    check.mutate();
  }, [upload, check.mutate]);

  if (check.data) {
    const { data } = check;
    const nothing = data.added + data.changed + data.removed === 0;
    return (
      <Stack gap="md">
        <PreviewStep preview={data} columns={table.columns} skip={skip} onSkip={setSkip} />
        <TextInput
          label={t("import.note")}
          maxLength={300}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <ProblemAlert error={take.error} />
        <Group justify="flex-end" gap="xs">
          <Button
            variant="default"
            onClick={() => {
              check.reset();
              take.reset();
              if (!file) onClose();
            }}
          >
            {file ? t("back") : t("cancel")}
          </Button>
          <Button
            loading={take.isPending}
            disabled={nothing || (data.fault_count > 0 && !skip)}
            onClick={() => take.mutate()}
          >
            {t("import.do")}
          </Button>
        </Group>
      </Stack>
    );
  }
  return (
    <Stack gap="md">
      {!upload && (
        <FileStep
          environment={table.environment}
          onRead={(info) => {
            setFile(info);
            setMatching(matchHeaders(table.columns, info.headers));
            check.reset();
          }}
        />
      )}
      {file && (
        <>
          <Text size="sm" role="status">
            {t("import.found", { name: file.name, rows: file.row_count })}
          </Text>
          <Radio.Group
            label={t("import.mode")}
            value={mode}
            onChange={(value) => setMode(value as Mode)}
          >
            <div className={classes.choices}>
              {MODES.map((value) => (
                <Radio.Card key={value} value={value} className={classes.choice}>
                  <Group wrap="nowrap" align="flex-start" gap="sm">
                    <Radio.Indicator />
                    <span>
                      <b>{t(`import.mode.${value}`)}</b>
                      <Text span display="block" size="xs" c="dimmed">
                        {t(`import.mode.${value}.help`)}
                      </Text>
                    </span>
                  </Group>
                </Radio.Card>
              ))}
            </div>
          </Radio.Group>
          <fieldset className={classes.fieldset}>
            <legend>{t("import.matching")}</legend>
            <Text size="xs" c="dimmed" mb="xs">
              {t("import.matching.help")}
            </Text>
            <div className={classes.matching}>
              {table.columns.map((column) => (
                <Select
                  key={column.name}
                  label={column.title}
                  aria-label={t("import.matching.of", { title: column.title })}
                  required={column.key}
                  placeholder={t("import.matching.none")}
                  data={[...new Set(file.headers.filter(Boolean))]}
                  value={matching[column.name] ?? null}
                  clearable
                  onChange={(header) => setMatching({ ...matching, [column.name]: header ?? "" })}
                />
              ))}
            </div>
          </fieldset>
        </>
      )}
      <ProblemAlert error={check.error} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          {t("cancel")}
        </Button>
        <Button disabled={!uploadId} loading={check.isPending} onClick={() => check.mutate()}>
          {t("import.check")}
        </Button>
      </Group>
    </Stack>
  );
}

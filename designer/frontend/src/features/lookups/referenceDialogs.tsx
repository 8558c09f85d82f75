import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { FileStep, PreviewStep } from "./ImportSteps";
import { PAIR_COLUMNS } from "./model";
import { type CrossReference, type ImportPreview, lookupKeys, type UploadInfo } from "./queries";

interface EditReferenceProps {
  reference: CrossReference | null;
  nameOf: (connection: string) => string;
  onClose: () => void;
}

/** Corrects the ids of a pair and says what that means. */
export function EditReference({ reference, nameOf, onClose }: EditReferenceProps) {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const [left, setLeft] = useState("");
  const [right, setRight] = useState("");
  const save = useMutation({
    mutationFn: () =>
      api.patch(inWorkspace(ws, `/xrefs/${reference?.id}`), {
        left_id: left.trim(),
        right_id: right.trim(),
      }),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: lookupKeys.xrefs(ws) });
      notifications.show({ message: t("xrefs.edit.saved") });
      onClose();
    },
  });
  useEffect(() => {
    if (!reference) return;
    setLeft(reference.left.id);
    setRight(reference.right.id);
    save.reset();
  }, [reference, save.reset]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Modal opened={reference !== null} onClose={onClose} title={t("xrefs.edit.title")}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm">{t("xrefs.edit.text")}</Text>
          <TextInput
            required
            maxLength={120}
            label={t("xrefs.edit.id", { connection: nameOf(reference?.left.connection ?? "") })}
            value={left}
            onChange={(event) => setLeft(event.currentTarget.value)}
          />
          <TextInput
            required
            data-autofocus
            maxLength={120}
            label={t("xrefs.edit.id", { connection: nameOf(reference?.right.connection ?? "") })}
            value={right}
            onChange={(event) => setRight(event.currentTarget.value)}
          />
          <ProblemAlert error={save.error} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t("cancel")}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {t("xrefs.edit.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface DeleteReferencesProps {
  ids: number[] | null;
  onClose: (done: boolean) => void;
}

/** Asks once, and says what later runs will do. */
export function DeleteReferences({ ids, onClose }: DeleteReferencesProps) {
  const { ws, env } = useWorkspace();
  const cache = useQueryClient();
  const remove = useMutation({
    mutationFn: () =>
      api.post<{ deleted: number }>(inWorkspace(ws, "/xrefs/delete"), { environment: env, ids }),
    onSuccess: async ({ deleted }) => {
      await cache.invalidateQueries({ queryKey: lookupKeys.xrefs(ws) });
      notifications.show({ message: t("xrefs.deleted", { count: deleted }) });
      onClose(true);
    },
  });
  return (
    <Modal
      opened={ids !== null}
      onClose={() => onClose(false)}
      title={t("xrefs.delete.title", { count: ids?.length ?? 0 })}
    >
      <Stack gap="md">
        <Text size="sm">{t("xrefs.delete.text")}</Text>
        <ProblemAlert error={remove.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => onClose(false)}>
            {t("xrefs.delete.keep")}
          </Button>
          <Button color="red.8" loading={remove.isPending} onClick={() => remove.mutate()}>
            {t("xrefs.delete.confirm")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** A file of pairs: checked, looked at, taken over. */
export function ImportReferences({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title={t("xrefs.import.title")} size="xl">
      {opened && <ImportSteps onClose={onClose} />}
    </Modal>
  );
}

function ImportSteps({ onClose }: { onClose: () => void }) {
  const { ws, env } = useWorkspace();
  const cache = useQueryClient();
  const [file, setFile] = useState<UploadInfo | null>(null);
  const [skip, setSkip] = useState(false);
  const check = useMutation({
    mutationFn: (upload: string) =>
      api.post<ImportPreview>(inWorkspace(ws, "/xrefs/import-preview"), {
        environment: env,
        upload,
      }),
  });
  const take = useMutation({
    mutationFn: () =>
      api.post<ImportPreview>(inWorkspace(ws, "/xrefs/import"), {
        environment: env,
        upload: file?.id,
        skip_faulty: skip,
      }),
    onSuccess: async (done) => {
      await cache.invalidateQueries({ queryKey: lookupKeys.xrefs(ws) });
      notifications.show({
        message: t("import.done", { added: done.added, changed: done.changed, removed: 0 }),
      });
      onClose();
    },
  });
  const preview = check.data;
  return (
    <Stack gap="md">
      <Text size="sm">{t("xrefs.import.help")}</Text>
      <FileStep
        environment={env}
        onRead={(info) => {
          setFile(info);
          check.mutate(info.id);
        }}
      />
      <ProblemAlert error={check.error} />
      {preview && (
        <PreviewStep preview={preview} columns={PAIR_COLUMNS} skip={skip} onSkip={setSkip} />
      )}
      <ProblemAlert error={take.error} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          {t("cancel")}
        </Button>
        <Button
          loading={take.isPending || check.isPending}
          disabled={
            !preview || preview.added + preview.changed === 0 || (preview.fault_count > 0 && !skip)
          }
          onClick={() => take.mutate()}
        >
          {t("import.do")}
        </Button>
      </Group>
    </Stack>
  );
}

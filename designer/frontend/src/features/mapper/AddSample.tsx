import { Alert, Box, Button, Group, Modal, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { ProblemAlert } from "@/shared/ui";
import { t } from "./en";
import { formatOf } from "./formats";
import { ChooseFiles, readFiles, refusedFile, TextOrFile } from "./TextOrFile";
import type { Json } from "./types";

/** A document that a person pastes or uploads, read by the server as the flow would read it. */
export function AddSample({
  workspace,
  onUse,
  onClose,
}: {
  workspace: string;
  onUse: (document: Json) => void;
  onClose: () => void;
}) {
  const [text, setText] = useState("");
  const [refused, setRefused] = useState<string | null>(null);
  const read = useMutation({
    mutationFn: () =>
      api.postExact<{ document: Json }>(inWorkspace(workspace, "/mapping/schema"), {
        kind: formatOf(text),
        text,
      }),
    onSuccess: ({ document }) => {
      onUse(document);
      onClose();
    },
  });
  const take = (found: string) => {
    setText(found);
    setRefused(null);
    read.reset();
  };
  const choose = (files: File[]) => {
    const [file] = files;
    if (!file) return;
    setRefused(refusedFile([file]));
    read.reset();
    if (refusedFile([file]) === null) void readFiles([file]).then(([one]) => take(one?.text ?? ""));
  };
  return (
    <Modal opened onClose={onClose} title={t("sample.add_title")} size="lg" zIndex={500}>
      <TextOrFile
        label={t("sample.paste")}
        description={t("sample.paste_hint")}
        text={text}
        onText={take}
        onFiles={choose}
      />
      {refused && (
        <Alert color="red" variant="light" role="alert" mt="sm">
          {refused}
        </Alert>
      )}
      {read.error && (
        <Box mt="sm">
          <ProblemAlert error={read.error} />
        </Box>
      )}
      <Group justify="space-between" mt="md">
        <ChooseFiles label={t("sample.file")} accept=".json,.xml,.csv,.txt" onFiles={choose} />
        <Group>
          <Text size="xs" c="dimmed">
            {text.trim() ? formatOf(text).toUpperCase() : ""}
          </Text>
          <Button variant="default" onClick={onClose}>
            {t("sample.cancel")}
          </Button>
          <Button
            disabled={text.trim() === ""}
            loading={read.isPending}
            onClick={() => read.mutate()}
          >
            {t("sample.use")}
          </Button>
        </Group>
      </Group>
    </Modal>
  );
}

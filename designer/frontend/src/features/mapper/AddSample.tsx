import { Button, FileButton, Group, Modal, Text, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { ProblemAlert } from "@/shared/ui";
import { t } from "./en";
import { formatOf } from "./formats";
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
  return (
    <Modal opened onClose={onClose} title={t("sample.add_title")} size="lg" zIndex={500}>
      <Textarea
        label={t("sample.paste")}
        description={t("sample.paste_hint")}
        value={text}
        data-autofocus
        autosize
        minRows={10}
        maxRows={18}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 12 } }}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {read.error && <ProblemAlert error={read.error} />}
      <Group justify="space-between" mt="md">
        <FileButton
          accept=".json,.xml,.csv,.txt"
          onChange={(file) => void file?.text().then((found) => setText(found))}
        >
          {(props) => (
            <Button variant="default" {...props}>
              {t("sample.file")}
            </Button>
          )}
        </FileButton>
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

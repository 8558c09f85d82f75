import {
  Badge,
  Button,
  Checkbox,
  FileButton,
  Group,
  Stack,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { IconFileUpload, IconSearch } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import classes from "./connectors.module.css";
import { t } from "./en";
import type { Drafted } from "./queries";

/** From an OpenAPI document to a manifest: choose a document, then what is wanted of it. */
export function FromOpenApi({ onDrafted }: { onDrafted: (drafted: Drafted) => void }) {
  const { ws } = useWorkspace();
  const [document, setDocument] = useState("");
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const path = inWorkspace(ws, "/own-connectors/draft");
  const read = useMutation({
    mutationFn: (source: string) => api.post<Drafted>(path, { document: source }),
    onSuccess: () => setChosen(new Set()),
  });
  const draft = useMutation({
    mutationFn: () => api.post<Drafted>(path, { document, operations: [...chosen] }),
    onSuccess: onDrafted,
  });
  const take = async (file: File | null) => {
    if (!file) return;
    const source = await file.text();
    setDocument(source);
    read.mutate(source);
  };
  if (!read.data) {
    return (
      <Stack gap="md" maw={720}>
        <Text size="sm">{t("openapi.text")}</Text>
        <FileButton onChange={(file) => void take(file)} accept=".json,.yaml,.yml">
          {(props) => (
            <Button
              {...props}
              variant="default"
              w="fit-content"
              leftSection={<IconFileUpload size={16} aria-hidden />}
            >
              {t("openapi.file")}
            </Button>
          )}
        </FileButton>
        <Textarea
          label={t("openapi.paste")}
          value={document}
          onChange={(event) => setDocument(event.currentTarget.value)}
          minRows={8}
          maxRows={16}
          autosize
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 12 } }}
        />
        <ProblemAlert error={read.error} />
        <Group>
          <Button
            disabled={document.trim() === ""}
            loading={read.isPending}
            onClick={() => read.mutate(document)}
          >
            {t("openapi.read")}
          </Button>
        </Group>
      </Stack>
    );
  }
  const wanted = text.trim().toLowerCase();
  const shown = read.data.operations.filter((each) =>
    `${each.title} ${each.method} ${each.path}`.toLowerCase().includes(wanted),
  );
  const all = shown.length > 0 && shown.every(({ id }) => chosen.has(id));
  const turn = (ids: string[], on: boolean) => {
    const next = new Set(chosen);
    for (const id of ids) on ? next.add(id) : next.delete(id);
    setChosen(next);
  };
  return (
    <Stack gap="sm" maw={860}>
      <Group justify="space-between">
        <Text fw={600}>
          {t("openapi.found", { title: read.data.title, count: read.data.operations.length })}
        </Text>
        <Button variant="subtle" size="xs" onClick={() => read.reset()}>
          {t("openapi.other")}
        </Button>
      </Group>
      <Group justify="space-between">
        <TextInput
          type="search"
          w={280}
          aria-label={t("openapi.search")}
          placeholder={t("openapi.search")}
          leftSection={<IconSearch size={15} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Checkbox
          label={t("openapi.all")}
          checked={all}
          indeterminate={!all && shown.some(({ id }) => chosen.has(id))}
          onChange={(event) =>
            turn(
              shown.map(({ id }) => id),
              event.currentTarget.checked,
            )
          }
        />
      </Group>
      <ul className={classes.operations} aria-label={t("openapi.list")}>
        {shown.map((each) => (
          <li key={each.id}>
            <Checkbox
              checked={chosen.has(each.id)}
              onChange={(event) => turn([each.id], event.currentTarget.checked)}
              label={
                <span className={classes.operation}>
                  <span>
                    {each.title}
                    {each.effect === "write" && (
                      <Badge size="xs" color="gray" ml={8}>
                        {t("openapi.writes")}
                      </Badge>
                    )}
                  </span>
                  <code>
                    {each.method} {each.path}
                  </code>
                </span>
              }
            />
          </li>
        ))}
      </ul>
      <ProblemAlert error={draft.error} />
      <Group>
        <Button
          disabled={chosen.size === 0}
          loading={draft.isPending}
          onClick={() => draft.mutate()}
        >
          {t("openapi.draft")}
        </Button>
        <Text size="sm" c="dimmed">
          {t("openapi.chosen", { count: chosen.size })}
        </Text>
      </Group>
    </Stack>
  );
}

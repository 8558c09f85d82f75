import { Alert, Box, Button, Group, Modal, NativeSelect, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, asProblem, inWorkspace } from "@/api/client";
import { ProblemAlert } from "@/shared/ui";
import { t } from "./en";
import { countFields } from "./model";
import {
  ChooseFiles,
  ChosenFile,
  inBase64,
  readFiles,
  refusedFile,
  type TextFile,
  TextOrFile,
} from "./TextOrFile";
import type { JsonSchema, MappingDocument } from "./types";

const KINDS = ["json_schema", "xsd", "csv", "json", "xml"] as const;
type Kind = (typeof KINDS)[number];

interface Change {
  path: string;
  kind: string;
  message?: string;
}

/** Several XSD files in one, for the server to unpack. */
interface Archive {
  name: string;
  content: string;
}

interface Drift {
  changes: Change[];
  touched: { rule_id: string; target: string; message: string }[];
}

/** The kind of a text, by how it begins; a person may say otherwise. */
export function kindOfText(text: string): Kind {
  const start = text.trimStart();
  if (start.startsWith("<")) return /<(\w+:)?schema\b/.test(start) ? "xsd" : "xml";
  if (!/^[[{]/.test(start)) return "csv";
  return /"(\$schema|properties|\$defs)"\s*:/.test(start) ? "json_schema" : "json";
}

/** The file that the others are parts of: the first that none of them names. */
export function mainFile(files: TextFile[]): TextFile | undefined {
  const alone = files.find(
    (file) => !files.some((other) => other !== file && names(other, file.name)),
  );
  return alone ?? files[0];
}

const names = (file: TextFile, name: string) =>
  [`"${name}"`, `'${name}'`, `/${name}"`, `/${name}'`].some((form) => file.text.includes(form));

/**
 * A shape of documents of one's own: a JSON Schema, an XSD, a CSV header or a sample. What a new
 * version changes for the present mapping is shown before it takes the old one's place.
 */
export function SchemaUpload({
  workspace,
  schema,
  mapping,
  disabled,
  onChange,
}: {
  workspace: string;
  schema: JsonSchema | null;
  mapping?: MappingDocument;
  disabled?: boolean;
  onChange: (schema: JsonSchema) => void;
}) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const [parts, setParts] = useState<TextFile[]>([]);
  const [kind, setKind] = useState<Kind | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const [archive, setArchive] = useState<Archive | null>(null);
  const [main, setMain] = useState("");
  const chosen = archive ? "xsd" : (kind ?? kindOfText(text));
  const close = () => {
    setOpen(false);
    setText("");
    setParts([]);
    setKind(null);
    setRefused(null);
    setArchive(null);
    setMain("");
    read.reset();
  };
  const read = useMutation({
    mutationFn: async () => {
      const made = await api.post<{ schema: JsonSchema }>(
        inWorkspace(workspace, "/mapping/schema"),
        archive
          ? { kind: "xsd", archive: archive.content, main }
          : { kind: chosen, text, ...(chosen === "xsd" && parts.length > 0 ? { parts } : {}) },
      );
      const drift = schema
        ? await api.post<Drift>(inWorkspace(workspace, "/mapping/drift"), {
            old: schema,
            new: made.schema,
            mapping,
            side: "target",
          })
        : null;
      return { schema: made.schema, drift };
    },
    onSuccess: ({ schema: made, drift }) => {
      if (drift && drift.touched.length > 0) return;
      onChange(made);
      close();
    },
  });
  const choose = (files: TextFile[]) => {
    const main = mainFile(files);
    if (!main) return;
    setText(main.text);
    setParts(files.filter((file) => file !== main));
    setKind(null);
    read.reset();
  };
  const take = (files: File[]) => {
    const why = refusedFile(files);
    setRefused(why);
    read.reset();
    if (why !== null) return;
    const zip = files.find((file) => /\.zip$/i.test(file.name));
    setArchive(null);
    setMain("");
    if (!zip) void readFiles(files).then(choose);
    else void inBase64(zip).then((content) => setArchive({ name: zip.name, content }));
  };
  const candidates = read.error ? asProblem(read.error).extras.candidates : undefined;
  const touched = read.data?.drift?.touched ?? [];
  return (
    <>
      <Group gap="xs">
        <Button size="xs" variant="default" disabled={disabled} onClick={() => setOpen(true)}>
          {t(schema ? "schema.replace" : "schema.upload")}
        </Button>
        {schema && (
          <Text size="xs" c="dimmed">
            {t("schema.fields", { count: countFields(schema) })}
          </Text>
        )}
      </Group>
      <Modal opened={open} onClose={close} title={t("schema.title")} size="lg">
        {archive ? (
          <ChosenFile
            words={t("schema.zip", { name: archive.name })}
            onRemove={() => {
              setArchive(null);
              read.reset();
            }}
          />
        ) : (
          <TextOrFile
            label={t("schema.text")}
            description={t("schema.hint")}
            text={text}
            onText={(next) => {
              setText(next);
              setRefused(null);
              read.reset();
            }}
            onFiles={take}
          />
        )}
        {refused && (
          <Alert color="red" variant="light" role="alert" mt="sm">
            {refused}
          </Alert>
        )}
        {chosen === "xsd" && parts.length > 0 && (
          <Text size="xs" c="dimmed" mt={6}>
            {t("schema.parts", { names: parts.map((part) => part.name).join(", ") })}
          </Text>
        )}
        {Array.isArray(candidates) && (
          <NativeSelect
            mt="sm"
            label={t("schema.main")}
            value={main}
            data={["", ...candidates.map(String)]}
            onChange={(event) => setMain(event.currentTarget.value)}
          />
        )}
        {read.error && !Array.isArray(candidates) && (
          <Box mt="sm">
            <ProblemAlert error={read.error} />
          </Box>
        )}
        {touched.length > 0 && (
          <Alert color="yellow" variant="light" mt="sm" title={t("schema.drift")}>
            <ul>
              {touched.slice(0, 12).map((one) => (
                <li key={`${one.rule_id}:${one.message}`}>
                  {one.target ? `${one.target}: ` : ""}
                  {one.message}
                </li>
              ))}
            </ul>
          </Alert>
        )}
        <Group justify="space-between" mt="md">
          <Group gap="xs">
            <ChooseFiles
              label={t("schema.files")}
              accept=".json,.xsd,.xml,.csv,.txt,.zip"
              onFiles={take}
            />
            <NativeSelect
              aria-label={t("schema.kind")}
              value={chosen}
              data={KINDS.map((value) => ({ value, label: t(`schema.kind.${value}`) }))}
              onChange={(event) => setKind(event.currentTarget.value as Kind)}
            />
          </Group>
          <Group gap="xs">
            <Button variant="default" onClick={close}>
              {t("sample.cancel")}
            </Button>
            {touched.length > 0 && read.data ? (
              <Button
                color="yellow.8"
                onClick={() => {
                  if (read.data) onChange(read.data.schema);
                  close();
                }}
              >
                {t("schema.use_anyway")}
              </Button>
            ) : (
              <Button
                disabled={text.trim() === "" && archive === null}
                loading={read.isPending}
                onClick={() => read.mutate()}
              >
                {t("schema.use")}
              </Button>
            )}
          </Group>
        </Group>
      </Modal>
    </>
  );
}

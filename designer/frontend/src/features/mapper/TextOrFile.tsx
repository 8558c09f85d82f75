import { Button, CloseButton, FileButton, Text, Textarea } from "@mantine/core";
import { IconFileText } from "@tabler/icons-react";
import { type DragEvent, useState } from "react";
import { t } from "./en";
import classes from "./TextOrFile.module.css";

/** The server reads no more; what is larger is refused here, before it is read and sent. */
const MOST_BYTES = 5_000_000;
/** A longer text is shown as a file: nobody reads it in a box, and drawing it takes seconds. */
const LONG_TEXT = 200_000;

export interface TextFile {
  name: string;
  text: string;
}

/** What is too large or no text of the files that somebody chose; null if all can be read. */
export function refusedFile(files: File[]): string | null {
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  const [first] = files;
  if (!first || bytes <= MOST_BYTES) return null;
  return t("file.too_large", { name: first.name, size: megabytes(bytes), most: 5 });
}

/** A file as text of the Base64 alphabet, for what is no text itself. */
export async function inBase64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}

const megabytes = (bytes: number) =>
  `${(bytes / 1_000_000).toLocaleString(undefined, { maximumFractionDigits: 1 })} MB`;

export const readFiles = (files: File[]): Promise<TextFile[]> =>
  Promise.all(files.map(async (file) => ({ name: file.name, text: await file.text() })));

/** What was chosen in place of a text. */
export function ChosenFile({ words, onRemove }: { words: string; onRemove: () => void }) {
  return (
    <div className={classes.file}>
      <IconFileText size={20} stroke={1.6} aria-hidden />
      <span>{words}</span>
      <CloseButton size="sm" aria-label={t("file.remove")} onClick={onRemove} />
    </div>
  );
}

/** A text that is pasted, or comes from a file: chosen, or dropped onto the box. */
export function TextOrFile({
  label,
  description,
  text,
  onText,
  onFiles,
}: {
  label: string;
  description: string;
  text: string;
  onText: (text: string) => void;
  onFiles: (files: File[]) => void;
}) {
  const [over, setOver] = useState(false);
  const dropping = {
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      if (event.dataTransfer.files.length === 0) return;
      event.preventDefault();
      setOver(false);
      onFiles([...event.dataTransfer.files]);
    },
  };
  if (text.length > LONG_TEXT) {
    return (
      <div {...dropping} data-over={over || undefined}>
        <Text size="sm" fw={500}>
          {label}
        </Text>
        <ChosenFile
          words={t("file.long", { size: megabytes(new Blob([text]).size) })}
          onRemove={() => onText("")}
        />
        <pre className={classes.start}>{text.slice(0, 600)}</pre>
      </div>
    );
  }
  return (
    <Textarea
      {...dropping}
      label={label}
      description={description}
      value={text}
      data-autofocus
      autosize
      minRows={10}
      maxRows={16}
      classNames={{ input: classes.text }}
      data-over={over || undefined}
      onChange={(event) => onText(event.currentTarget.value)}
    />
  );
}

export function ChooseFiles({
  label,
  accept,
  onFiles,
}: {
  label: string;
  accept: string;
  onFiles: (files: File[]) => void;
}) {
  return (
    <FileButton multiple accept={accept} onChange={onFiles}>
      {(props) => (
        <Button variant="default" {...props}>
          {label}
        </Button>
      )}
    </FileButton>
  );
}

import { Group, Loader, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useId, useRef } from "react";
import { useWorkspace } from "@/shared/workspace";
import classes from "./connectors.module.css";
import { t } from "./en";
import { faultyLines, offsetOf } from "./model";
import { checkQuery, type Fault } from "./queries";

const CHECK_AFTER_MS = 400;

/** Faults of a text as it is typed; undefined while it is not known yet. */
export function useFaults(text: string): Fault[] | undefined {
  const { ws } = useWorkspace();
  const [settled] = useDebouncedValue(text, CHECK_AFTER_MS);
  const { data } = useQuery({ ...checkQuery(ws, settled), enabled: settled.trim() !== "" });
  return settled === text ? data : undefined;
}

interface ManifestEditorProps {
  text: string;
  faults: Fault[] | undefined;
  onChange: (text: string) => void;
  readOnly?: boolean;
}

/** A manifest with numbered lines; each problem leads to its place. */
export function ManifestEditor({ text, faults, onChange, readOnly }: ManifestEditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const problems = useId();
  const wrong = faultyLines(faults ?? []);
  const count = text.split("\n").length;
  const goTo = (fault: Fault) => {
    const field = area.current;
    if (!field) return;
    const at = offsetOf(text, fault.line, fault.column);
    const end = text.indexOf("\n", at);
    field.focus();
    field.setSelectionRange(at, end < 0 ? text.length : end);
    const lineHeight = field.scrollHeight / count;
    field.scrollTop = Math.max(0, (fault.line - 4) * lineHeight);
  };
  return (
    <div>
      <div className={classes.editor}>
        <div className={classes.gutter} ref={gutter} aria-hidden>
          {Array.from({ length: count }, (_, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines are known by their number
            <span key={at} data-wrong={wrong.has(at + 1) || undefined}>
              {at + 1}
            </span>
          ))}
        </div>
        <textarea
          ref={area}
          className={classes.text}
          aria-label={t("editor.label")}
          aria-describedby={problems}
          aria-invalid={wrong.size > 0}
          value={text}
          readOnly={readOnly}
          spellCheck={false}
          autoCapitalize="off"
          wrap="off"
          onChange={(event) => onChange(event.currentTarget.value)}
          onScroll={(event) => {
            if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop;
          }}
        />
      </div>
      <div id={problems} className={classes.verdict} role="status">
        {faults === undefined ? (
          <Group gap={6}>
            <Loader size={12} aria-hidden />
            <Text size="sm">{t("check.running")}</Text>
          </Group>
        ) : faults.length === 0 ? (
          <Group gap={6} className={classes.well}>
            <IconCircleCheck size={16} aria-hidden />
            <Text size="sm">{t("check.well")}</Text>
          </Group>
        ) : (
          <Group gap={6} className={classes.wrong}>
            <IconCircleX size={16} aria-hidden />
            <Text size="sm" fw={550}>
              {t("check.faults", { count: faults.length })}
            </Text>
          </Group>
        )}
      </div>
      {faults && faults.length > 0 && (
        <ol className={classes.faults} aria-label={t("check.list")}>
          {faults.map((fault) => (
            <li key={`${fault.line} ${fault.column} ${fault.message}`}>
              <button type="button" onClick={() => goTo(fault)}>
                <span className={classes.place}>
                  {t("check.place", { line: fault.line, column: fault.column })}
                  {fault.path !== "(top)" && <code>{fault.path}</code>}
                </span>
                <span>
                  {fault.message} {fault.hint}
                </span>
              </button>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

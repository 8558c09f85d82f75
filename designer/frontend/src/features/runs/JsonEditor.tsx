import { ActionIcon, Group, Text, Textarea, Tooltip } from "@mantine/core";
import { IconAlignLeft, IconArrowBackUp } from "@tabler/icons-react";
import { useId } from "react";
import { t } from "./en";
import classes from "./JsonEditor.module.css";
import { checkJson } from "./jsonText";

interface JsonEditorProps {
  value: string;
  onChange: (text: string) => void;
  /** The text to go back to; without it nothing can be undone at once. */
  original?: string;
  label: string;
  description?: string;
  readOnly?: boolean;
  minRows?: number;
}

/** JSON as a person edits it: checked as it is typed, laid out on demand, digits kept. */
export function JsonEditor(props: JsonEditorProps) {
  const { value, onChange, original, label, readOnly } = props;
  const checked = checkJson(value);
  const problemId = useId();
  return (
    <div>
      <Group justify="space-between" align="flex-end" mb={6} wrap="nowrap">
        <div>
          <Text size="sm" fw={550} component="label" htmlFor={`${problemId}-text`}>
            {label}
          </Text>
          {props.description && (
            <Text size="xs" c="dimmed">
              {props.description}
            </Text>
          )}
        </div>
        {!readOnly && (
          <Group gap={4} wrap="nowrap">
            <Tooltip label={t("letter.format")}>
              <ActionIcon
                aria-label={t("letter.format")}
                disabled={!checked.ok}
                onClick={() => checked.ok && onChange(checked.text)}
              >
                <IconAlignLeft size={17} />
              </ActionIcon>
            </Tooltip>
            {original !== undefined && (
              <Tooltip label={t("letter.reset")}>
                <ActionIcon
                  aria-label={t("letter.reset")}
                  disabled={value === original}
                  onClick={() => onChange(original)}
                >
                  <IconArrowBackUp size={17} />
                </ActionIcon>
              </Tooltip>
            )}
          </Group>
        )}
      </Group>
      <Textarea
        id={`${problemId}-text`}
        autosize
        minRows={props.minRows ?? 10}
        maxRows={28}
        spellCheck={false}
        autoCorrect="off"
        autoCapitalize="off"
        wrap="off"
        readOnly={readOnly}
        value={value}
        aria-invalid={!checked.ok}
        aria-describedby={problemId}
        classNames={{ input: classes.text }}
        error={!checked.ok}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <p
        id={problemId}
        className={classes.verdict}
        data-bad={!checked.ok || undefined}
        role="status"
      >
        {checked.ok
          ? t("json.valid")
          : t("json.where", {
              line: String(checked.problem.line),
              column: String(checked.problem.column),
              message: t(`json.problem.${checked.problem.message}`),
            })}
      </p>
    </div>
  );
}

import { useEffect, useState } from "react";
import { t } from "./en";
import type { FieldType } from "./schemaTree";
import type { Json } from "./types";

interface ConstInputProps {
  label: string;
  value: Json | undefined;
  type: FieldType;
  choices?: Json[] | null;
  onCommit: (value: Json | undefined) => void;
  className?: string;
  placeholder?: string;
  tabIndex?: number;
  maxLength?: number;
  autoFocus?: boolean;
  /** Commit while typing, for places without a live line to redraw. */
  eager?: boolean;
}

/** What a person typed, as the document keeps it: amounts stay text, digit for digit. */
export function constantOf(text: string, type: FieldType): Json {
  if (type === "boolean") return text === "true";
  if (type === "integer" && /^-?\d{1,15}$/.test(text.trim())) return Number(text.trim());
  if (type === "number") return text.trim();
  return text;
}

function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A fixed value, typed or chosen; empty takes it away. */
export function ConstInput(props: ConstInputProps) {
  const { value, type, label, onCommit, eager } = props;
  const present = textOf(value);
  const [text, setText] = useState(present);
  useEffect(() => setText(present), [present]);

  const commit = (next: string) => {
    if (next === present) return;
    onCommit(next === "" ? undefined : constantOf(next, type));
  };
  const choices = props.choices ?? (type === "boolean" ? [true, false] : null);
  if (choices) {
    return (
      <select
        aria-label={label}
        className={props.className}
        tabIndex={props.tabIndex}
        value={present}
        data-empty={present === "" || undefined}
        onChange={(event) => commitChoice(event.currentTarget.value, choices, onCommit)}
      >
        <option value="">{props.placeholder ?? t("expr.choose")}</option>
        {choices.map((choice) => (
          <option key={textOf(choice)} value={textOf(choice)}>
            {choice === true ? t("expr.yes") : choice === false ? t("expr.no") : textOf(choice)}
          </option>
        ))}
      </select>
    );
  }
  return (
    <input
      aria-label={label}
      className={props.className}
      tabIndex={props.tabIndex}
      type="text"
      inputMode={type === "number" || type === "integer" ? "decimal" : undefined}
      maxLength={props.maxLength}
      // biome-ignore lint/a11y/noAutofocus: the field appears because the person asked to type
      autoFocus={props.autoFocus}
      placeholder={type === "date" ? "2026-01-31" : props.placeholder}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        if (eager) commit(event.currentTarget.value);
      }}
      onBlur={() => commit(text)}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit(text);
        if (event.key === "Escape" && text !== present) {
          event.stopPropagation();
          setText(present);
        }
      }}
    />
  );
}

function commitChoice(
  text: string,
  choices: Json[],
  onCommit: (value: Json | undefined) => void,
): void {
  onCommit(choices.find((choice) => textOf(choice) === text));
}

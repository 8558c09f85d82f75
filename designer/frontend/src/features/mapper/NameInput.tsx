import { TextInput } from "@mantine/core";

/** The name of a loop variable: what could not be one is left out while a person types. */
export function NameInput({
  label,
  placeholder,
  value,
  onChange,
}: {
  label: string;
  placeholder?: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <TextInput
      key={value}
      size="xs"
      label={label}
      placeholder={placeholder}
      leftSection="$"
      maxLength={40}
      defaultValue={value}
      onInput={(event) => {
        const box = event.currentTarget;
        box.value = box.value.replace(/[^A-Za-z0-9_]/g, "").replace(/^\d+/, "");
      }}
      onBlur={(event) => {
        if (event.currentTarget.value !== value) onChange(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
      }}
    />
  );
}

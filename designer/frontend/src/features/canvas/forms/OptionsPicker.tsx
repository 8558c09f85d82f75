import { ActionIcon, Loader, Popover, Text, TextInput, Tooltip } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconListSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { api, inWorkspace } from "@/api/client";
import type { Expr, JsonSchema, Page } from "@/api/types";
import { ProblemAlert } from "@/shared/ui/ProblemAlert";
import { useDesigner } from "../DesignerContext";
import { connectorOf } from "../nodeInfo";
import { t } from "./en";
import { useForm } from "./FormContext";
import classes from "./forms.module.css";

interface Choice {
  value: string;
  label: string;
}

const STALE_MS = 5 * 60_000;

/** "TaxCode" is listed as "tax_codes", "Class" as "classes". */
function listOf(record: string): string {
  const name = record.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
  return name.endsWith("s") ? `${name}es` : `${name}s`;
}

/** The pick-list for a field: the one its schema names, or that of the records it refers to. */
export function useOptionsName(schema: JsonSchema, parent?: JsonSchema): string | null {
  const { surroundings } = useDesigner();
  const { node } = useForm();
  const known = connectorOf(node, surroundings)?.options ?? [];
  const named = schema["x-options"];
  if (typeof named === "string") return known.includes(named) ? named : null;
  const refers = schema["x-ref"] ?? parent?.["x-ref"];
  const name = typeof refers === "string" ? listOf(refers) : "";
  return known.includes(name) ? name : null;
}

interface OptionsPickerProps {
  list: string;
  label: string;
  value: Expr | undefined;
  onPick: (value: Expr) => void;
  children: ReactNode;
}

/** A field with a list of what the connected system knows beside it. */
export function OptionsPicker({ list, label, value, onPick, children }: OptionsPickerProps) {
  const { ws, connections } = useDesigner();
  const { node, readOnly } = useForm();
  const [open, setOpen] = useState(false);
  const [search, setSearch] = useState("");
  const [q] = useDebouncedValue(search, 250);
  const connection = connections?.find((known) => known.slug === node.config.connection);
  const fixed = value?.op === "const" ? String(value.value ?? "") : "";
  const options = useQuery({
    queryKey: [ws, "options", connection?.id, list, q],
    queryFn: async ({ signal }) =>
      (
        await api.get<Page<Choice>>(
          inWorkspace(ws, `/connections/${connection?.id}/options/${list}`),
          { q },
          signal,
        )
      ).items,
    enabled: Boolean(connection) && !readOnly && (open || fixed !== ""),
    staleTime: STALE_MS,
    retry: false,
  });
  const chosen = options.data?.find((choice) => choice.value === fixed);
  const title = t("options.pick", { list: list.replaceAll("_", " ") });
  if (!connection || readOnly) return <>{children}</>;
  return (
    <div>
      <div className={classes.picked}>
        {children}
        <Popover
          opened={open}
          onChange={setOpen}
          position="bottom-end"
          width={280}
          shadow="lg"
          trapFocus
          returnFocus
          withinPortal
        >
          <Popover.Target>
            <Tooltip label={title}>
              <ActionIcon
                mt={19}
                size={30}
                variant="default"
                aria-label={`${label}: ${title}`}
                onClick={() => setOpen(!open)}
              >
                <IconListSearch size={15} />
              </ActionIcon>
            </Tooltip>
          </Popover.Target>
          <Popover.Dropdown p={8}>
            <TextInput
              size="xs"
              aria-label={title}
              placeholder={title}
              data-autofocus
              value={search}
              rightSection={options.isFetching ? <Loader size={12} /> : undefined}
              onChange={(event) => setSearch(event.currentTarget.value)}
            />
            <ProblemAlert error={options.error} />
            <ul className={classes.choices} aria-label={title}>
              {options.data?.map((choice) => (
                <li key={choice.value}>
                  <button
                    type="button"
                    className={classes.choice}
                    aria-current={choice.value === fixed || undefined}
                    onClick={() => {
                      onPick({ op: "const", value: choice.value });
                      setOpen(false);
                    }}
                  >
                    <span>{choice.label}</span>
                    <Text span size="xs" c="dimmed">
                      {choice.value}
                    </Text>
                  </button>
                </li>
              ))}
            </ul>
            {options.data?.length === 0 && (
              <Text size="xs" c="dimmed" p={6}>
                {t("options.none")}
              </Text>
            )}
          </Popover.Dropdown>
        </Popover>
      </div>
      {chosen && chosen.label !== fixed && (
        <Text size="xs" c="dimmed" mt={2}>
          {chosen.label}
        </Text>
      )}
    </div>
  );
}

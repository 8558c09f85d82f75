import { ActionIcon, Button, NativeSelect, Popover, Text, TextInput } from "@mantine/core";
import { IconDots, IconTrash } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { t } from "./en";
import {
  addOwnField,
  changeOwnField,
  OWN_TYPES,
  ownFieldAt,
  type Refused,
  removeOwnField,
} from "./ownFields";
import type { Field } from "./schemaTree";
import classes from "./Tree.module.css";
import type { JsonSchema, OwnField, OwnFieldType } from "./types";
import type { MapperStore } from "./useMapper";

const TYPES = () => OWN_TYPES.map((value) => ({ value, label: t(`type.${value}`) }));

/** What a row of an open target offers: adding a field below it, changing one that was added. */
export interface OwnFieldTools {
  store: MapperStore;
  /** The target's schema as it came, without what was added. */
  schema: JsonSchema;
  /** The row whose form is open, so that a key can open it too. */
  adding: string | null;
  onAdding: (key: string | null) => void;
}

/** A button on an open target that asks for the name and type of a new field below it. */
export function AddOwnField({
  tools,
  field,
  rowKey,
  label,
  active,
}: {
  tools: OwnFieldTools;
  field: Field;
  rowKey: string;
  label: string;
  active: boolean;
}) {
  const open = tools.adding === rowKey;
  const button = (
    <button
      type="button"
      tabIndex={active ? 0 : -1}
      className={classes.addRows}
      aria-label={t("own.add_to", { path: label })}
      aria-expanded={open}
      onClick={(event) => {
        event.stopPropagation();
        tools.onAdding(open ? null : rowKey);
      }}
    >
      {t("own.add")}
    </button>
  );
  if (!open) return button;
  return (
    <Popover
      opened
      onChange={() => tools.onAdding(null)}
      position="bottom-end"
      width={300}
      shadow="lg"
      trapFocus
      returnFocus
      withinPortal
    >
      <Popover.Target>{button}</Popover.Target>
      <Popover.Dropdown
        onClick={(event) => event.stopPropagation()}
        onKeyDown={(event) => event.stopPropagation()}
      >
        <NewField tools={tools} field={field} />
      </Popover.Dropdown>
    </Popover>
  );
}

function NewField({ tools, field }: { tools: OwnFieldTools; field: Field }) {
  const { store, schema } = tools;
  const [name, setName] = useState("");
  const [type, setType] = useState<OwnFieldType>("text");
  const [refused, setRefused] = useState<Refused | null>(null);
  const add = (event: FormEvent) => {
    event.preventDefault();
    const made = addOwnField(store.doc, schema, field, name, type);
    if ("refused" in made) {
      setRefused(made.refused);
      return;
    }
    store.change(made.doc);
    store.reveal("target", `${field.path}.x`);
    store.reveal("target", made.path);
    store.say(t("own.added", { path: made.path }));
    setName("");
    setRefused(null);
  };
  return (
    <form onSubmit={add} aria-label={t("own.title")}>
      <TextInput
        size="xs"
        label={t("own.name")}
        description={t("own.name_hint")}
        data-autofocus
        autoComplete="off"
        value={name}
        error={refused ? t(`own.refused.${refused}`) : undefined}
        onChange={(event) => {
          setName(event.currentTarget.value);
          setRefused(null);
        }}
      />
      <NativeSelect
        size="xs"
        mt={8}
        label={t("own.type")}
        value={type}
        data={TYPES()}
        onChange={(event) => setType(event.currentTarget.value as OwnFieldType)}
      />
      <div className={classes.formEnd}>
        <Button size="xs" variant="default" onClick={() => tools.onAdding(null)}>
          {t("own.done")}
        </Button>
        <Button size="xs" type="submit">
          {t("own.add")}
        </Button>
      </div>
    </form>
  );
}

/** Changes the type of an added field, or takes it away with what fills it. */
export function OwnFieldMenu({
  tools,
  rowKey,
  active,
}: {
  tools: OwnFieldTools;
  rowKey: string;
  active: boolean;
}) {
  const { store } = tools;
  const [open, setOpen] = useState(false);
  const own = ownFieldAt(store.doc, rowKey);
  if (!own) return null;
  const button = (
    <ActionIcon
      size="sm"
      tabIndex={active ? 0 : -1}
      className={classes.ownMenu}
      aria-label={t("own.change", { path: own.path })}
      aria-expanded={open}
      onClick={(event) => {
        event.stopPropagation();
        setOpen((o) => !o);
      }}
    >
      <IconDots size={14} />
    </ActionIcon>
  );
  if (!open) return button;
  return (
    <Popover opened onChange={setOpen} position="bottom-end" width={230} trapFocus withinPortal>
      <Popover.Target>{button}</Popover.Target>
      <Popover.Dropdown onClick={(event) => event.stopPropagation()}>
        <OwnFieldForm tools={tools} own={own} />
      </Popover.Dropdown>
    </Popover>
  );
}

/** Type and removal of an added field. */
export function OwnFieldForm({ tools, own }: { tools: OwnFieldTools; own: OwnField }) {
  const { store } = tools;
  return (
    <>
      <Text size="xs" c="dimmed" mb={6}>
        {t("own.is_own", { path: own.path })}
      </Text>
      <NativeSelect
        size="xs"
        label={t("own.type")}
        value={own.type}
        data={TYPES()}
        onChange={(event) =>
          store.change(
            changeOwnField(store.doc, own.path, event.currentTarget.value as OwnFieldType),
          )
        }
      />
      <div className={classes.formEnd}>
        <Button
          size="xs"
          variant="subtle"
          color="red"
          leftSection={<IconTrash size={14} aria-hidden />}
          onClick={() => {
            store.change(removeOwnField(store.doc, own.path));
            store.say(t("own.removed", { path: own.path }));
          }}
        >
          {t("own.remove")}
        </Button>
      </div>
    </>
  );
}

import {
  Anchor,
  Button,
  Group,
  Modal,
  Skeleton,
  Stack,
  Switch,
  Text,
  TextInput,
} from "@mantine/core";
import { IconArrowLeft, IconSearch } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, asProblem, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { Connection } from "@/api/types";
import { ProblemAlert, VendorIcon } from "@/shared/ui";
import { isProduction, useWorkspace } from "@/shared/workspace";
import classes from "./AddConnection.module.css";
import { useAuthorise } from "./authorise";
import { t } from "./en";
import { FieldInputs } from "./FieldInputs";
import { apart, askedFields, missing, startValues } from "./model";
import { type ConnectorInfo, connectorQuery, connectorsQuery } from "./queries";

interface AddConnectionProps {
  opened: boolean;
  /** Slug of the chosen connector; null shows the catalogue. */
  chosen: string | null;
  onChoose: (slug: string | null) => void;
  onClose: () => void;
}

/** The catalogue of connectors, then a form made from what the chosen one needs. */
export function AddConnection({ opened, chosen, onChoose, onClose }: AddConnectionProps) {
  const { ws } = useWorkspace();
  const connector = useQuery({ ...connectorQuery(ws, chosen ?? ""), enabled: chosen !== null });
  const title =
    chosen && connector.data ? t("add.title.for", { name: connector.data.name }) : t("add.title");
  return (
    <Modal opened={opened} onClose={onClose} title={title} size="lg">
      {chosen === null ? (
        <Catalogue onChoose={onChoose} />
      ) : connector.error ? (
        <ProblemAlert error={connector.error} onRetry={() => void connector.refetch()} />
      ) : connector.data ? (
        <NewConnection
          key={connector.data.slug}
          connector={connector.data}
          onBack={() => onChoose(null)}
          onClose={onClose}
        />
      ) : (
        <Skeleton height={220} radius="md" />
      )}
    </Modal>
  );
}

function Catalogue({ onChoose }: { onChoose: (slug: string) => void }) {
  const { ws } = useWorkspace();
  const { data, error, refetch } = useQuery(connectorsQuery(ws));
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const found = data?.filter(({ name, description, categories }) =>
    [name, description, ...(categories ?? [])].some((part) => part.toLowerCase().includes(wanted)),
  );
  return (
    <Stack gap="md">
      <TextInput
        type="search"
        data-autofocus
        aria-label={t("add.search")}
        placeholder={t("add.search")}
        leftSection={<IconSearch size={15} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      {found?.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("add.none", { text })}
        </Text>
      )}
      <ul className={classes.catalogue} aria-label={t("add.catalogue")} aria-busy={!found}>
        {found?.map((connector) => (
          <li key={connector.slug}>
            <button
              type="button"
              className={classes.system}
              onClick={() => onChoose(connector.slug)}
            >
              <VendorIcon icon={connector.icon ?? connector.slug} name={connector.name} size={40} />
              <span>
                <b>{connector.name}</b>
                <Text span display="block" size="xs" c="dimmed">
                  {connector.description}
                </Text>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Stack>
  );
}

interface NewConnectionProps {
  connector: ConnectorInfo;
  onBack: () => void;
  onClose: () => void;
}

function NewConnection({ connector, onBack, onClose }: NewConnectionProps) {
  const { ws, env } = useWorkspace();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const authorise = useAuthorise();
  const mayRehearse = Boolean(connector.has_sandbox) && !isProduction(env);
  const [sandbox, setSandbox] = useState(mayRehearse);
  const [onPremise, setOnPremise] = useState(false);
  const [name, setName] = useState<string | null>(null);
  const [values, setValues] = useState(() => startValues(connector.auth.fields));
  const [touched, setTouched] = useState(false);

  const suggested = sandbox ? t("add.name.sandbox", { name: connector.name }) : connector.name;
  const fields = askedFields(connector.auth.fields, sandbox);
  const needsConsent = connector.auth.kind === "oauth2";
  const create = useMutation({
    mutationFn: () =>
      api.post<Connection>(inWorkspace(ws, "/connections"), {
        connector: connector.slug,
        name: (name ?? suggested).trim(),
        environment: env,
        sandbox,
        on_premise: onPremise && !sandbox,
        ...apart(fields, values),
      }),
    onSuccess: async (made) => {
      await cache.invalidateQueries({ queryKey: keys.connections(ws) });
      if (needsConsent) return authorise.mutate(made.id);
      onClose();
      return navigate({
        to: "/w/$ws/connections/$connectionId",
        params: { ws, connectionId: made.id },
        search: { env, test: "1" },
      });
    },
  });

  const refused = asProblem(create.error).extras.fields;
  const errors: Record<string, string> = isTexts(refused) ? { ...refused } : {};
  if (touched) {
    for (const field of fields) {
      if (missing([field], values).length > 0) {
        errors[field.name] = t("field.required", { title: field.title });
      }
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTouched(true);
    if (missing(fields, values).length === 0) create.mutate();
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Anchor
          component="button"
          type="button"
          size="sm"
          onClick={onBack}
          className={classes.back}
        >
          <IconArrowLeft size={14} aria-hidden /> {t("add.back")}
        </Anchor>
        <Group gap="sm" wrap="nowrap" align="flex-start">
          <VendorIcon icon={connector.icon ?? connector.slug} name={connector.name} size={40} />
          <Text size="sm" c="dimmed">
            {connector.description}
          </Text>
        </Group>
        {mayRehearse && (
          <Switch
            checked={sandbox}
            label={t("add.sandbox")}
            description={t("add.sandbox.help", { name: connector.name })}
            onChange={(event) => setSandbox(event.currentTarget.checked)}
          />
        )}
        <TextInput
          required
          label={t("add.name")}
          description={t("add.name.help")}
          value={name ?? suggested}
          error={errors.name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <FieldInputs fields={fields} values={values} errors={errors} onChange={setValues} />
        {!sandbox && (
          <Switch
            checked={onPremise}
            label={t("add.onPremise")}
            description={t("add.onPremise.help")}
            onChange={(event) => setOnPremise(event.currentTarget.checked)}
          />
        )}
        {needsConsent && (
          <Text size="sm" c="dimmed">
            {t("add.consent.note", { name: connector.name })}
          </Text>
        )}
        <ProblemAlert error={create.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("add.cancel")}
          </Button>
          <Button type="submit" loading={create.isPending || authorise.isPending}>
            {needsConsent ? t("add.save.consent") : t("add.save.test")}
          </Button>
        </Group>
        {connector.readme && (
          <details className={classes.about}>
            <summary>{t("add.about")}</summary>
            <p>{connector.readme}</p>
          </details>
        )}
      </Stack>
    </form>
  );
}

function isTexts(value: unknown): value is Record<string, string> {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((text) => typeof text === "string")
  );
}

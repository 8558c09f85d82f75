import { Anchor, Button, Group, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { IconArrowLeft, IconCircleX } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, asProblem, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { Connection } from "@/api/types";
import { Markdown, ProblemAlert, VendorIcon } from "@/shared/ui";
import { Notice } from "@/shared/ui/Notice";
import { isProduction, useWorkspace } from "@/shared/workspace";
import classes from "./AddConnection.module.css";
import { useAuthorise } from "./authorise";
import { t } from "./en";
import { CertificateInput, FieldInputs } from "./FieldInputs";
import { apart, askedFields, besidesFile, type Entry, missing, startValues, waysOf } from "./model";
import type { ConnectorInfo } from "./queries";
import { useBeginning } from "./useBeginning";

interface NewConnectionProps {
  connector: ConnectorInfo;
  twin: Entry | undefined;
  onBack: () => void;
  onClose: () => void;
}

/** What the system needs on the left, how to get it on the right; tested before it is kept. */
export function NewConnection({ connector, twin, onBack, onClose }: NewConnectionProps) {
  const { ws, env, environments } = useWorkspace();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const authorise = useAuthorise();
  const beginning = useBeginning();
  const ways = waysOf(connector);
  const [wayName, setWayName] = useState(ways[0]?.name ?? "");
  const way = ways.find(({ name }) => name === wayName) ?? ways[0];
  const mayRehearse = Boolean(connector.has_sandbox) && !isProduction(env);
  const [sandbox, setSandbox] = useState(mayRehearse);
  const [onPremise, setOnPremise] = useState(false);
  const [certificate, setCertificate] = useState("");
  const [name, setName] = useState<string | null>(null);
  const [values, setValues] = useState(() => startValues(way?.fields ?? []));
  const [touched, setTouched] = useState(false);

  const suggested =
    twin?.name ?? (sandbox ? t("add.name.sandbox", { name: connector.name }) : connector.name);
  const fields = besidesFile(askedFields(way?.fields ?? [], sandbox), values);
  const consent = way?.consent ?? "";
  const place = environments.find(({ slug }) => slug === env)?.name ?? env;
  const create = useMutation({
    mutationFn: ({ test }: { test: boolean }) =>
      api.post<Connection>(inWorkspace(ws, "/connections"), {
        connector: connector.slug,
        name: (name ?? suggested).trim(),
        environment: env,
        sandbox,
        on_premise: onPremise && !sandbox,
        ...(ways.length > 1 && wayName ? { auth: wayName } : {}),
        ...(twin ? { slug: twin.slug } : {}),
        ...(onPremise && certificate ? { ca_certificate: certificate } : {}),
        ...apart(fields, values),
        test,
      }),
    onSuccess: async (made) => {
      await cache.invalidateQueries({ queryKey: keys.connections(ws) });
      if (consent === "vendor") return authorise.mutate(made.id);
      onClose();
      return navigate({
        to: "/w/$ws/connections/$connectionId",
        params: { ws, connectionId: made.id },
        search: { env, new: "1" },
      });
    },
  });

  const problem = create.error ? asProblem(create.error) : null;
  const failedTest = problem?.code === "connection.test_failed";
  const refused = problem?.extras.fields;
  const errors: Record<string, string> = isTexts(refused) ? { ...refused } : {};
  if (touched) {
    for (const field of fields) {
      if (missing([field], values).length > 0) {
        errors[field.name] = t("field.required", { title: field.title });
      }
    }
  }
  const save = (test: boolean) => {
    setTouched(true);
    if (missing(fields, values).length === 0) create.mutate({ test });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save(consent === "");
  };
  const busy = create.isPending || authorise.isPending;
  return (
    <div
      ref={beginning}
      className={classes.wizard}
      data-help={Boolean(connector.readme) || undefined}
    >
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
            <div>
              <Text size="sm">{connector.description}</Text>
              <Text size="xs" c="dimmed">
                {t("add.environment", { environment: place })}
              </Text>
            </div>
          </Group>
          {mayRehearse && (
            <Switch
              data-autofocus
              checked={sandbox}
              label={t("add.sandbox")}
              description={t("add.sandbox.help", { name: connector.name })}
              onChange={(event) => setSandbox(event.currentTarget.checked)}
            />
          )}
          <TextInput
            required
            data-autofocus={mayRehearse ? undefined : true}
            label={t("add.name")}
            description={twin ? t("add.name.twin") : t("add.name.help")}
            value={name ?? suggested}
            error={errors.name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {ways.length > 1 && (
            <Select
              label={t("add.way")}
              data={ways.map((entry) => ({ value: entry.name, label: entry.title || entry.kind }))}
              value={wayName}
              allowDeselect={false}
              onChange={(next) => {
                setWayName(next ?? "");
                const chosen = ways.find((entry) => entry.name === next);
                setValues((now) => ({ ...startValues(chosen?.fields ?? []), ...now }));
                create.reset();
              }}
            />
          )}
          <FieldInputs fields={fields} values={values} errors={errors} onChange={setValues} />
          {!sandbox && (
            <Switch
              checked={onPremise}
              label={t("add.onPremise")}
              description={t("add.onPremise.help")}
              onChange={(event) => setOnPremise(event.currentTarget.checked)}
            />
          )}
          {!sandbox && onPremise && (
            <CertificateInput
              value={certificate}
              error={errors.ca_certificate}
              onChange={setCertificate}
            />
          )}
          {consent !== "" && (
            <Text size="sm" c="dimmed">
              {consent === "vendor"
                ? t("add.consent.note", { name: connector.name })
                : t("add.activation.note", { name: connector.name })}
            </Text>
          )}
          {failedTest ? (
            <Notice
              tone="red"
              role="alert"
              icon={<IconCircleX size={18} />}
              title={t("one.test.failed")}
              actions={
                <Button size="xs" variant="default" loading={busy} onClick={() => save(false)}>
                  {t("add.save.anyway")}
                </Button>
              }
            >
              {problem?.title} {problem?.hint}
            </Notice>
          ) : (
            <ProblemAlert error={create.error} />
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t("add.cancel")}
            </Button>
            <Button type="submit" loading={busy}>
              {consent === "vendor"
                ? t("add.save.consent")
                : consent === "activation"
                  ? t("add.save")
                  : t("add.save.test")}
            </Button>
          </Group>
        </Stack>
      </form>
      {connector.readme && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable
        <aside className={classes.help} aria-label={t("add.about")} tabIndex={0}>
          <Markdown text={connector.readme} skipTitle />
        </aside>
      )}
    </div>
  );
}

function isTexts(value: unknown): value is Record<string, string> {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((text) => typeof text === "string")
  );
}

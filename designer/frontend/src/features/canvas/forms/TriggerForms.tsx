import { ActionIcon, CopyButton, Select, Text, Textarea, TextInput, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import { parseExact } from "@/api/exact";
import { useDesigner } from "../DesignerContext";
import { t } from "../en";
import { useForm } from "./FormContext";

/** The example document of a trigger, edited as JSON; text that is no JSON is not kept. */
function SampleField() {
  const { node, set, readOnly } = useForm();
  const [text, setText] = useState(() => JSON.stringify(node.config.sample ?? {}, null, 2));
  const [bad, setBad] = useState(false);
  return (
    <Textarea
      label={t("form.sample")}
      description={t("form.sampleHelp")}
      autosize
      minRows={5}
      maxRows={22}
      disabled={readOnly}
      value={text}
      error={bad ? t("form.badJson") : undefined}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 12 } }}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setText(next);
        try {
          set({ sample: parseExact(next) }, `${node.id}.sample`);
          setBad(false);
        } catch {
          setBad(true);
        }
      }}
    />
  );
}

export function ManualForm() {
  const { node } = useForm();
  return <SampleField key={node.id} />;
}

export function WebhookForm() {
  const { flow } = useDesigner();
  const { node, set, readOnly } = useForm();
  const addresses = flow.deployments.filter((deployment) => deployment.webhook_url);
  return (
    <>
      {addresses.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("form.webhookLater")}
        </Text>
      )}
      {addresses.map(({ environment, webhook_url: address }) => (
        <TextInput
          key={environment}
          label={t("form.webhookUrl", { environment })}
          readOnly
          value={address ?? ""}
          rightSection={
            <CopyButton value={address ?? ""}>
              {({ copied, copy }) => (
                <Tooltip label={copied ? t("form.copied") : t("form.copy")}>
                  <ActionIcon aria-label={t("form.copy")} onClick={copy}>
                    {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
                  </ActionIcon>
                </Tooltip>
              )}
            </CopyButton>
          }
        />
      ))}
      <Select
        label={t("form.signature")}
        disabled={readOnly}
        allowDeselect={false}
        data={[
          { value: "none", label: t("form.signatureNone") },
          { value: "hmac_sha256", label: t("form.signatureHmac") },
        ]}
        value={(node.config.signature as string | undefined) ?? "none"}
        onChange={(signature) => set({ signature })}
      />
      <SampleField key={node.id} />
    </>
  );
}

import { Group, Select, Switch, Text, Title } from "@mantine/core";
import { useState } from "react";
import type { Sandbox } from "@/api/types";
import { VendorIcon } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import classes from "./SandboxPage.module.css";
import { useSwitchFault } from "./useSwitchFault";

/** The ways each vendor can be made to misbehave, as switches in plain words. */
export function Faults({ sandboxes }: { sandboxes: Sandbox[] }) {
  const { can } = useWorkspace();
  return (
    <>
      <Text size="sm" c="dimmed" mb="md" maw={720}>
        {t("faults.description")} {!can("sandbox.use") && t("role.looksOnly")}
      </Text>
      <div className={classes.vendors}>
        {sandboxes.map((sandbox) => (
          <section key={sandbox.slug} className={classes.vendor} aria-label={sandbox.name}>
            <Group gap="sm">
              <VendorIcon icon={sandbox.slug} name={sandbox.name} />
              <Title order={2}>{sandbox.name}</Title>
            </Group>
            {sandbox.faults.length === 0 ? (
              <Text size="sm" c="dimmed" mt="sm">
                {t("faults.none")}
              </Text>
            ) : (
              <ul className={classes.faults}>
                {sandbox.faults.map((fault) => (
                  <Fault key={fault.name} vendor={sandbox.slug} fault={fault} />
                ))}
              </ul>
            )}
          </section>
        ))}
      </div>
    </>
  );
}

type Often = "1" | "3" | "always";

function Fault({ vendor, fault }: { vendor: string; fault: Sandbox["faults"][number] }) {
  const { can } = useWorkspace();
  const turn = useSwitchFault();
  const [often, setOften] = useState<Often>("1");
  const allowed = can("sandbox.use");
  return (
    <li className={classes.fault}>
      <Switch
        color="yellow.8"
        checked={fault.active}
        disabled={!allowed}
        label={fault.title}
        description={fault.description}
        onChange={(event) =>
          turn.mutate({
            vendor,
            fault: fault.name,
            active: event.currentTarget.checked,
            times: often === "always" ? undefined : Number(often),
          })
        }
      />
      {fault.active ? (
        <Text size="sm" fw={550} role="status">
          {fault.remaining === null
            ? t("faults.always")
            : t("faults.remaining", { count: fault.remaining })}
        </Text>
      ) : (
        <Select
          w={150}
          size="xs"
          allowDeselect={false}
          disabled={!allowed}
          aria-label={t("faults.times", { title: fault.title })}
          data={[
            { value: "1", label: t("faults.times.once") },
            { value: "3", label: t("faults.times.three") },
            { value: "always", label: t("faults.times.always") },
          ]}
          value={often}
          onChange={(value) => setOften((value ?? "1") as Often)}
        />
      )}
    </li>
  );
}

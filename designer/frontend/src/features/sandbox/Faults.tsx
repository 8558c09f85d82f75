import { Select, Switch, Text, Title } from "@mantine/core";
import { useState } from "react";
import type { Sandbox } from "@/api/types";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import classes from "./SandboxPage.module.css";
import { useSwitchFault } from "./useSwitchFault";
import { useVendor, VendorBar } from "./VendorBar";

const GROUPS = ["calls", "answers", "access", "webhooks", "data"] as const;

/** The ways a vendor can be made to misbehave, as switches in plain words. */
export function Faults({ sandboxes }: { sandboxes: Sandbox[] }) {
  const { can } = useWorkspace();
  const vendor = useVendor(sandboxes);
  if (!vendor) return null;
  const groups = GROUPS.map((group) => ({
    group,
    faults: vendor.faults.filter((fault) => (fault.group ?? "calls") === group),
  })).filter(({ faults }) => faults.length > 0);
  return (
    <>
      <div className={classes.bar}>
        <VendorBar sandboxes={sandboxes} chosen={vendor} />
      </div>
      <Text size="sm" c="dimmed" mb="md" maw={720}>
        {t("faults.description")} {!can("sandbox.use") && t("role.looksOnly")}
      </Text>
      {groups.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("faults.none")}
        </Text>
      )}
      <div className={classes.vendors}>
        {groups.map(({ group, faults }) => (
          <section
            key={group}
            className={classes.vendor}
            aria-label={`${vendor.name}: ${t(`faults.group.${group}`)}`}
          >
            <Title order={2} size="h4">
              {t(`faults.group.${group}`)}
            </Title>
            <ul className={classes.faults}>
              {faults.map((fault) => (
                <Fault key={fault.name} vendor={vendor.slug} fault={fault} />
              ))}
            </ul>
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

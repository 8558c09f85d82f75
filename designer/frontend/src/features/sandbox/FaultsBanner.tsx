import { Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { Sandbox } from "@/api/types";
import { Notice } from "@/shared/ui/Notice";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { useSwitchFault } from "./useSwitchFault";

interface FaultsBannerProps {
  sandboxes: Sandbox[];
  onShow: () => void;
}

/** Says that a vendor misbehaves on purpose, so that nobody looks for the reason elsewhere. */
export function FaultsBanner({ sandboxes, onShow }: FaultsBannerProps) {
  const { can } = useWorkspace();
  const turn = useSwitchFault();
  const active = sandboxes.flatMap((sandbox) =>
    sandbox.faults.filter((fault) => fault.active).map((fault) => ({ sandbox, fault })),
  );
  if (active.length === 0) return null;
  return (
    <Notice
      role="status"
      tone="amber"
      icon={<IconAlertTriangle size={18} />}
      title={t("faults.on.title", { count: active.length })}
      actions={
        <>
          <Button size="xs" variant="default" onClick={onShow}>
            {t("faults.on.show")}
          </Button>
          {can("sandbox.use") && (
            <Button
              size="xs"
              loading={turn.isPending}
              onClick={() => {
                for (const { sandbox, fault } of active) {
                  turn.mutate({ vendor: sandbox.slug, fault: fault.name, active: false });
                }
              }}
            >
              {t("faults.on.allOff")}
            </Button>
          )}
        </>
      }
    >
      {active.map(({ sandbox, fault }) => (
        <p key={`${sandbox.slug} ${fault.name}`}>
          {t("faults.on.one", { title: fault.title, vendor: sandbox.name })}
          {fault.remaining !== null && `: ${t("faults.remaining", { count: fault.remaining })}`}
        </p>
      ))}
    </Notice>
  );
}

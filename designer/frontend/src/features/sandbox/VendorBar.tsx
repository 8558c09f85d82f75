import { SegmentedControl, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { connectionsQuery } from "@/api/queries";
import type { Sandbox } from "@/api/types";
import { useSearchState, useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { mostUsed } from "./model";

/** The vendor that the tab is about: the one in the address, else the one that flows use most. */
export function useVendor(sandboxes: Sandbox[]): Sandbox | undefined {
  const { ws, env } = useWorkspace();
  const [search] = useSearchState();
  const connections = useQuery(connectionsQuery(ws, env));
  const chosen = sandboxes.find(({ slug }) => slug === search.vendor);
  // Nothing is shown until it is known, so that no other vendor flashes up before.
  if (chosen || connections.isPending) return chosen;
  return mostUsed(sandboxes, connections.data ?? []);
}

/** Chooses the vendor; many of them fit into a list better than beside each other. */
export function VendorBar({ sandboxes, chosen }: { sandboxes: Sandbox[]; chosen: Sandbox }) {
  const [, setSearch] = useSearchState();
  const data = sandboxes.map(({ slug, name, faults }) => {
    const on = faults.filter(({ active }) => active).length;
    return { value: slug, label: on > 0 ? `${name} · ${t("vendor.faults", { count: on })}` : name };
  });
  const choose = (value: string | null) =>
    setSearch({ vendor: value ?? undefined, entity: undefined, page: undefined, q: undefined });
  return (
    <>
      <SegmentedControl
        visibleFrom="md"
        aria-label={t("records.vendor")}
        data={data}
        value={chosen.slug}
        onChange={choose}
      />
      <Select
        hiddenFrom="md"
        w="100%"
        aria-label={t("records.vendor")}
        data={data}
        value={chosen.slug}
        allowDeselect={false}
        onChange={choose}
      />
    </>
  );
}

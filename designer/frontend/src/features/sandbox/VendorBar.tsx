import { SegmentedControl, Select } from "@mantine/core";
import type { Sandbox } from "@/api/types";
import { useSearchState } from "@/shared/workspace";
import { t } from "./en";

/** The vendor that the tab is about; the address remembers it. */
export function useVendor(sandboxes: Sandbox[]): Sandbox | undefined {
  const [search] = useSearchState();
  return (
    sandboxes.find(({ slug }) => slug === search.vendor) ??
    sandboxes.find(({ entities }) => entities.length > 1) ??
    sandboxes[0]
  );
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

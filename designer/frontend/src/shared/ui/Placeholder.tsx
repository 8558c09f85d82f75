import { Skeleton, Stack } from "@mantine/core";
import { Page } from "./Page";

/** Stands where a screen is being fetched. */
export function Placeholder() {
  return (
    <Page>
      <Stack gap="md" aria-busy="true">
        <Skeleton height={26} width={220} radius="sm" />
        <Skeleton height={120} radius="lg" />
        <Skeleton height={120} radius="lg" />
      </Stack>
    </Page>
  );
}

import { Button, Center } from "@mantine/core";
import { IconMapOff } from "@tabler/icons-react";
import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { EmptyState } from "@/shared/ui/EmptyState";
import { Page } from "@/shared/ui/Page";
import { Placeholder } from "@/shared/ui/Placeholder";
import { ProblemAlert } from "@/shared/ui/ProblemAlert";
import { t } from "./en";

export const RoutePending = Placeholder;

export function RouteError({ error }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <Page>
      <ProblemAlert error={error} onRetry={() => void router.invalidate()} />
    </Page>
  );
}

export function NotFound() {
  return (
    <Center h="100%">
      <EmptyState
        icon={IconMapOff}
        title={t("notFound.title")}
        action={
          <Button component={Link} to="/">
            {t("notFound.home")}
          </Button>
        }
      >
        {t("notFound.text")}
      </EmptyState>
    </Center>
  );
}

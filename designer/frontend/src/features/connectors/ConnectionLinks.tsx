import { Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useWorkspace } from "@/shared/workspace";
import classes from "./connectors.module.css";
import { t } from "./en";
import type { MadeWith } from "./queries";

/** The first connections that are made with a connector, and how many more there are. */
export function ConnectionLinks({ connections, most }: { connections: MadeWith[]; most: number }) {
  const { ws, environments } = useWorkspace();
  const place = (slug: string) => environments.find((each) => each.slug === slug)?.name ?? slug;
  return (
    <ul className={classes.links}>
      {connections.slice(0, most).map((each) => (
        <li key={each.id}>
          <Link
            to="/w/$ws/connections/$connectionId"
            params={{ ws, connectionId: each.id }}
            search={{ env: each.environment }}
          >
            {each.name}
          </Link>
          <Text span size="xs" c="dimmed">
            {place(each.environment)}
          </Text>
        </li>
      ))}
      {connections.length > most && (
        <li>
          <Text span size="xs" c="dimmed">
            {t("list.more", { count: connections.length - most })}
          </Text>
        </li>
      )}
    </ul>
  );
}

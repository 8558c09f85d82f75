import { Badge, Skeleton, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import type { Member, Page } from "@/api/types";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./audit.en";
import classes from "./settings.module.css";

const ROLES = ["owner", "admin", "builder", "analyst", "viewer"] as const;
type Role = (typeof ROLES)[number];

/** Who works here, and what their roles allow. */
export function People() {
  const { ws, me } = useWorkspace();
  const { data, error, refetch } = useQuery({
    queryKey: [ws, "members"] as const,
    queryFn: async ({ signal }) =>
      (await api.get<Page<Member>>(inWorkspace(ws, "/members"), undefined, signal)).items,
  });
  return (
    <section className={classes.section} aria-labelledby="settings-people">
      <h2 id="settings-people">{t("people.title")}</h2>
      <p className={classes.lead}>{t("people.text")}</p>
      {error && !data ? (
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      ) : data ? (
        <Table verticalSpacing={8} aria-label={t("people.title")}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("people.name")}</Table.Th>
              <Table.Th>{t("people.role")}</Table.Th>
              <Table.Th>{t("people.may")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.map(({ id, name, role }) => {
              const known = ROLES.includes(role as Role) ? (role as Role) : null;
              return (
                <Table.Tr key={id}>
                  <Table.Td>
                    {name}{" "}
                    {id === me?.user.id && (
                      <Badge size="sm" color="gray">
                        {t("people.you")}
                      </Badge>
                    )}
                  </Table.Td>
                  <Table.Td>{known ? t(`role.${known}`) : role}</Table.Td>
                  <Table.Td>
                    <Text size="sm" c="dimmed">
                      {known && t(`role.${known}.may`)}
                    </Text>
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      ) : (
        <Skeleton height={120} />
      )}
    </section>
  );
}

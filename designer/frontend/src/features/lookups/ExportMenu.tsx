import { Button, Menu } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { t } from "./en";

/** The same rows as CSV or as Excel; `address` says where a form is fetched. */
export function ExportMenu({ address }: { address: (form: string) => string }) {
  return (
    <Menu>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={15} aria-hidden />}>
          {t("one.export")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={address("csv")} download>
          {t("one.export.csv")}
        </Menu.Item>
        <Menu.Item component="a" href={address("xlsx")} download>
          {t("one.export.xlsx")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

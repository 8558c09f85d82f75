import { Box } from "@mantine/core";
import type { ReactNode } from "react";

/** The scrolling body of an ordinary screen. `wide` is for tables that want the whole width. */
export function Page({ children, wide }: { children: ReactNode; wide?: boolean }) {
  return (
    <Box h="100%" style={{ overflow: "auto" }}>
      <Box maw={wide ? 1680 : 1240} mx="auto" px={{ base: "md", sm: "xl" }} py="lg" pb={64}>
        {children}
      </Box>
    </Box>
  );
}

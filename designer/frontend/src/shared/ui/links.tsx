/** Mantine's anchors and buttons as typed links of the router. */

import { ActionIcon, Anchor, Button } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { ComponentPropsWithoutRef, Ref } from "react";

type AnchorProps = ComponentPropsWithoutRef<typeof Anchor<"a">> & { ref?: Ref<HTMLAnchorElement> };
type ButtonProps = ComponentPropsWithoutRef<typeof Button<"a">> & { ref?: Ref<HTMLAnchorElement> };
type IconProps = ComponentPropsWithoutRef<typeof ActionIcon<"a">> & {
  ref?: Ref<HTMLAnchorElement>;
};

export const AnchorLink = createLink((props: AnchorProps) => <Anchor {...props} />);
export const ButtonLink = createLink((props: ButtonProps) => <Button component="a" {...props} />);
export const IconLink = createLink((props: IconProps) => <ActionIcon component="a" {...props} />);

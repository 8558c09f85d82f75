/** One set of tokens for the light and the dark theme. `tokens.css` holds what is not Mantine's. */

import {
  ActionIcon,
  Badge,
  Button,
  type CSSVariablesResolver,
  createTheme,
  Drawer,
  InputWrapper,
  type MantineColorsTuple,
  Menu,
  Modal,
  Paper,
  Select,
  Textarea,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { t } from "@/shared/i18n/ui.en";

const sea: MantineColorsTuple = [
  "#e8f7f9",
  "#d3ecf0",
  "#a5d9e1",
  "#74c5d1",
  "#4cb4c3",
  "#33a9ba",
  "#1f94a6",
  "#0c7489",
  "#07606f",
  "#034a57",
];

/** White words on it can be read: Mantine's own red is too light for that. */
const red: MantineColorsTuple = [
  "#fff5f5",
  "#ffe3e3",
  "#ffc9c9",
  "#ffa8a8",
  "#ff8787",
  "#f46a6a",
  "#e04a4f",
  "#c9333a",
  "#b3272d",
  "#991f25",
];

const gray: MantineColorsTuple = [
  "#f8f9fb",
  "#f1f3f6",
  "#e6e9ee",
  "#d7dce3",
  "#c0c7d1",
  "#a2abb8",
  "#778292",
  "#56616f",
  "#38424f",
  "#1c242e",
];

const dark: MantineColorsTuple = [
  "#d5dbe3",
  "#a9b3c0",
  "#8793a3",
  "#5b6878",
  "#3a4655",
  "#2b3542",
  "#222b36",
  "#1a222b",
  "#141a21",
  "#0e1318",
];

/** The cross of a dialog has no word of its own. */
const CLOSE = { "aria-label": t("dialog.close") };

/** A dialog's header is not a second banner of the page. */
const PLAIN_HEADER = { header: { role: "presentation" } };

export const theme = createTheme({
  respectReducedMotion: true,
  primaryColor: "sea",
  // White words must be readable on it in both schemes.
  primaryShade: 7,
  autoContrast: true,
  luminanceThreshold: 0.3,
  colors: { sea, gray, red, dark },
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'JetBrains Mono', Menlo, Consolas, monospace",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "19px" },
  headings: {
    fontWeight: "620",
    sizes: {
      h1: { fontSize: "22px", lineHeight: "1.3" },
      h2: { fontSize: "17px", lineHeight: "1.35" },
      h3: { fontSize: "15px", lineHeight: "1.4" },
      h4: { fontSize: "13px", lineHeight: "1.4" },
    },
  },
  defaultRadius: "md",
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "12px", xl: "18px" },
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "22px", xl: "32px" },
  cursorType: "pointer",
  focusRing: "auto",
  components: {
    InputWrapper: InputWrapper.extend({ styles: { label: { marginBottom: 3, fontWeight: 520 } } }),
    Button: Button.extend({ defaultProps: { size: "sm" } }),
    ActionIcon: ActionIcon.extend({
      defaultProps: { variant: "subtle", color: "gray" },
      // WCAG 2.2 asks for 24 px of what a finger is to hit; the library's small one has 22.
      vars: (_theme, { size }) => ({
        root: size === "sm" || size === "xs" ? { "--ai-size": "24px" } : {},
      }),
    }),
    Paper: Paper.extend({ defaultProps: { radius: "lg" } }),
    Badge: Badge.extend({
      defaultProps: { variant: "light", radius: "sm" },
      styles: { root: { textTransform: "none", fontWeight: 550, letterSpacing: 0 } },
    }),
    Modal: Modal.extend({
      defaultProps: {
        radius: "lg",
        padding: "lg",
        centered: true,
        overlayProps: { blur: 1 },
        closeButtonProps: CLOSE,
        attributes: PLAIN_HEADER,
      },
      styles: { title: { fontWeight: 620, fontSize: 16 } },
    }),
    Drawer: Drawer.extend({
      defaultProps: { closeButtonProps: CLOSE, attributes: PLAIN_HEADER },
      styles: { title: { fontWeight: 620, fontSize: 16 } },
    }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 350, withArrow: true, fz: "xs" } }),
    Menu: Menu.extend({ defaultProps: { shadow: "md", radius: "md", position: "bottom-end" } }),
    TextInput: TextInput.extend({ defaultProps: { size: "sm" } }),
    Textarea: Textarea.extend({ defaultProps: { size: "sm" } }),
    Select: Select.extend({ defaultProps: { size: "sm", comboboxProps: { shadow: "md" } } }),
  },
});

/** Surfaces, lines and status colours as CSS variables (`--cw-*`), one value per scheme. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#ffffff",
    "--mantine-color-text": "#1c242e",
    "--mantine-color-dimmed": "#5b6674",
    "--mantine-color-placeholder": "#768191",
    "--mantine-color-default-border": "#d7dce3",
    "--cw-page": "#f6f7f9",
    "--cw-surface": "#ffffff",
    "--cw-surface-raised": "#ffffff",
    "--cw-surface-sunken": "#f1f3f6",
    "--cw-canvas": "#f3f5f8",
    "--cw-canvas-dot": "#d3d9e1",
    "--cw-line": "#e3e7ec",
    "--cw-line-strong": "#cdd3dc",
    "--cw-wire": "#95a1b1",
    "--cw-hover": "#eef1f4",
    "--cw-accent": "#0c7489",
    "--cw-accent-soft": "#e4f4f6",
    "--cw-shadow": "0 1px 2px rgb(23 32 44 / 7%), 0 3px 10px rgb(23 32 44 / 6%)",
    "--cw-shadow-lifted": "0 2px 6px rgb(23 32 44 / 9%), 0 12px 32px rgb(23 32 44 / 14%)",
    "--cw-grey": "#5b6674",
    "--cw-grey-soft": "#eef0f3",
    "--cw-blue": "#1a63c4",
    "--cw-blue-soft": "#e7f0fc",
    "--cw-green": "#22733a",
    "--cw-green-soft": "#e5f5e9",
    "--cw-amber": "#95570a",
    "--cw-amber-soft": "#fdf1dd",
    "--cw-red": "#bf2b32",
    "--cw-red-soft": "#fdecec",
    "--cw-violet": "#6a3fc0",
    "--cw-violet-soft": "#f1ebfc",
  },
  dark: {
    "--mantine-color-body": "#161d25",
    "--mantine-color-text": "#dbe1e9",
    "--mantine-color-dimmed": "#98a4b3",
    "--mantine-color-placeholder": "#7c8898",
    "--mantine-color-default": "#1a222b",
    "--mantine-color-default-border": "#313c4a",
    "--cw-page": "#10151b",
    "--cw-surface": "#161d25",
    "--cw-surface-raised": "#1c242e",
    "--cw-surface-sunken": "#12181f",
    "--cw-canvas": "#0f141a",
    "--cw-canvas-dot": "#28323d",
    "--cw-line": "#27313c",
    "--cw-line-strong": "#3a4655",
    "--cw-wire": "#5f6d7e",
    "--cw-hover": "#202934",
    "--cw-accent": "#4cb4c3",
    "--cw-accent-soft": "#123139",
    "--cw-shadow": "0 1px 2px rgb(0 0 0 / 40%), 0 3px 10px rgb(0 0 0 / 25%)",
    "--cw-shadow-lifted": "0 2px 6px rgb(0 0 0 / 45%), 0 12px 32px rgb(0 0 0 / 50%)",
    "--cw-grey": "#a3aebb",
    "--cw-grey-soft": "#252e39",
    "--cw-blue": "#7fb4f7",
    "--cw-blue-soft": "#16293f",
    "--cw-green": "#74cf8c",
    "--cw-green-soft": "#15301e",
    "--cw-amber": "#f0b860",
    "--cw-amber-soft": "#372810",
    "--cw-red": "#f78d8d",
    "--cw-red-soft": "#3b1a1d",
    "--cw-violet": "#bda2f5",
    "--cw-violet-soft": "#291f42",
  },
});

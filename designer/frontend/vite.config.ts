import { fileURLToPath, URL } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { mockApi } from "./dev/mock.ts";

const backend = process.env.CAUSEWAY_PUBLIC_URL ?? "http://127.0.0.1:8000";

export default defineConfig(({ command }) => ({
  // The built files are served by Django's static files; in development Vite serves them at "/".
  base: command === "build" ? "/static/designer/" : "/",
  plugins: [react(), ...(process.env.CAUSEWAY_MOCK ? [mockApi()] : [])],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: fileURLToPath(new URL("../../static/designer", import.meta.url)),
    emptyOutDir: true,
    manifest: true,
    target: "es2022",
    chunkSizeWarningLimit: 900,
  },
  server: {
    port: Number(process.env.CAUSEWAY_FRONTEND_PORT ?? 5173),
    proxy: {
      // The host stays as the browser sees it: forms are refused when it and the origin differ.
      "^/(api|login|logout|oauth|static|connectors)(/|$|\\?)": {
        target: backend,
        changeOrigin: false,
      },
      "/ws": { target: backend, ws: true, changeOrigin: false },
    },
  },
  test: {
    css: false,
    pool: "threads",
    maxWorkers: 2,
    testTimeout: 20_000,
    // Only what shows something needs a browser's document, which takes longer than most tests.
    projects: [
      {
        extends: true,
        test: {
          name: "logic",
          environment: "node",
          include: ["src/**/*.test.ts", "dev/**/*.test.ts"],
          setupFiles: ["src/test-examples.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "screens",
          environment: "jsdom",
          include: ["src/**/*.test.tsx"],
          setupFiles: ["src/test-setup.ts", "src/test-examples.ts"],
        },
      },
    ],
  },
}));

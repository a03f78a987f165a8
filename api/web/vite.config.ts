import { defineConfig } from "vitest/config";

// The page is served under a policy of default-src 'self': nothing may be inlined as data: or script text.
export default defineConfig({
  base: "/",
  build: {
    outDir: "../static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Pages for people without an account are entries of their own: their telephones load nothing of the hub's page.
    rollupOptions: { input: { index: "index.html", owner: "owner.html", give: "give.html" } },
    // Station desks run Chromium-based browsers that are years old.
    target: ["chrome94", "edge94", "firefox100", "safari15.4"],
  },
  server: {
    // `npm run dev` beside a running hub: the page reloads on save, the data is the hub's own.
    proxy: { "/api": { target: process.env.HUB ?? "http://127.0.0.1:8080", ws: true } },
  },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.{ts,tsx}"],
    // How quick a machine is fails none of them.
    testTimeout: 60_000,
  },
});

import type { MetadataRoute } from "next";

const icon = (size: number, purpose: "any" | "maskable", name: string) => ({
  src: `/${name}.png`,
  sizes: `${size}x${size}`,
  type: "image/png",
  purpose,
});

export default function manifest(): MetadataRoute.Manifest {
  return {
    id: "/dashboard",
    name: "Todo",
    short_name: "Todo",
    description: "A private task list.",
    start_url: "/dashboard",
    scope: "/",
    display: "standalone",
    background_color: "#f6f7f6",
    theme_color: "#0b6e60",
    icons: [
      icon(192, "any", "icon-192"),
      icon(512, "any", "icon-512"),
      icon(512, "maskable", "icon-maskable-512"),
    ],
  };
}

"use client";

import { CalendarDays, FileJson, Sheet } from "lucide-react";
import { useState } from "react";
import { dayOf } from "@/lib/day";
import { download, type Format } from "@/lib/download";
import { showToast } from "@/lib/toast";
import { Button } from "../button";
import { Item } from "./items";

const FILES = [
  { format: "json", icon: FileJson, title: "Everything", text: "All that is stored, as JSON." },
  { format: "csv", icon: Sheet, title: "Tasks as a table", text: "CSV, for spreadsheets." },
  {
    format: "ics",
    icon: CalendarDays,
    title: "Tasks as to-dos",
    text: "iCalendar, for calendar programs.",
  },
] as const;

export function Export() {
  const [busy, setBusy] = useState<Format>();

  async function save(format: Format) {
    setBusy(format);
    try {
      await download(format, `todo-export-${dayOf(new Date())}.${format}`);
    } catch {
      showToast("The file could not be downloaded. Please try again.", { failed: true });
    }
    setBusy(undefined);
  }

  return (
    <ul className="divide-y divide-line">
      {FILES.map(({ format, icon, title, text }) => (
        <li key={format}>
          <Item icon={icon} title={title} text={text}>
            <Button
              variant="secondary"
              aria-label={`Download ${title.toLowerCase()}`}
              disabled={busy === format}
              onClick={() => save(format)}
            >
              Download
            </Button>
          </Item>
        </li>
      ))}
    </ul>
  );
}

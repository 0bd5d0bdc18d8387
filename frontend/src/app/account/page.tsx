import type { Metadata } from "next";
import { ApiKeys } from "@/components/account/api-keys";
import { Calendar } from "@/components/account/calendar";
import { ConnectedAgents } from "@/components/account/connected-agents";
import { Erase } from "@/components/account/erase";
import { Export } from "@/components/account/export";
import { Password } from "@/components/account/password";
import { Profile } from "@/components/account/profile";
import { Section } from "@/components/account/section";
import { Sessions } from "@/components/account/sessions";

export const metadata: Metadata = { title: "Account" };

export default function AccountPage() {
  return (
    <>
      <h1 className="mb-8 text-2xl font-semibold tracking-tight sm:text-3xl">Account</h1>
      <Section id="profile" title="Profile" text="Only you see your name and email.">
        <Profile />
      </Section>
      <Section id="password" title="Password" text="Choose one that you use nowhere else.">
        <Password />
      </Section>
      <Section id="sessions" title="Sessions" text="The browsers in which you are signed in.">
        <Sessions />
      </Section>
      <Section
        id="agents"
        title="Connected agents"
        text="Assistants and other apps that you allowed to use your tasks. To connect one, give it the address of the API."
      >
        <ConnectedAgents />
      </Section>
      <Section
        id="keys"
        title="API keys"
        text="For your own scripts. A key opens your tasks, and neither your account nor this page."
      >
        <ApiKeys />
      </Section>
      <Section id="export" title="Export" text="Download what is stored about you.">
        <Export />
      </Section>
      <Section
        id="calendar"
        title="Calendar feed"
        text="Shows your open tasks with a due date in a calendar program, and keeps them up to date."
      >
        <Calendar />
      </Section>
      <Section id="erase" title="Erase account" text="Erases everything that is yours." danger>
        <Erase />
      </Section>
    </>
  );
}

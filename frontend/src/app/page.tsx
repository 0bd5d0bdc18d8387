import { redirect } from "next/navigation";

export default function Home() {
  redirect("/dashboard"); // redirects to /sign-in without a session
}

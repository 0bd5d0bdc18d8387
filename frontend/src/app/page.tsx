import { redirect } from "next/navigation";

export default function Home() {
  redirect("/dashboard"); // which sends people on to /sign-in who are not
}

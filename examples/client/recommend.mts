// Print lists for some users, by types that are generated from the service's description.
//
//   npm install
//   npx openapi-typescript http://127.0.0.1:8000/openapi.json --default-non-nullable false -o engine.d.ts
//   npx tsc --strict --target es2022 --module nodenext recommend.mts
//   node recommend.mjs http://127.0.0.1:8000 KEY alice bob

import createClient from "openapi-fetch";
import type { components, paths } from "./engine.d.ts";

const [url, key, ...users] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });

function show(found: components["schemas"]["ItemList"]): void {
  const items = found.items.map((item) => `${item.id} (${item.attributes?.price ?? "-"})`);
  console.log(`${found.subject}: ${items.join(", ")}`);
}

const body = { users, k: 3, return: ["price"] };
const { data, error } = await client.POST("/v1/users/recommendations", { body });
if (error) throw new Error(error.detail);
data.lists.forEach(show);

const like = await client.GET("/v1/items/{item}/similar", {
  params: { path: { item: data.lists[0].items[0].id }, query: { k: 3, return: "price" } },
});
if (like.data) show(like.data);

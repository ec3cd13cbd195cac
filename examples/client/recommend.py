"""Print lists for some users, by the client that is generated from the service's description.

openapi-python-client generate --url http://127.0.0.1:8000/openapi.json
pip install ./engine-client
python recommend.py http://127.0.0.1:8000 KEY alice bob
"""

import sys

from engine_client import AuthenticatedClient
from engine_client.api.answers import recommendations_of_users, similar
from engine_client.models import ItemList, ItemListReply, UserListsReply, UserListsRequest


def main(url: str, key: str, users: list[str]) -> None:
    """Print what is recommended to each user, and what is like the first item of all."""
    with AuthenticatedClient(base_url=url, token=key) as client:
        asked = UserListsRequest(users=users, k=3, return_=["price"])
        found = recommendations_of_users.sync(client=client, body=asked)
        if not isinstance(found, UserListsReply):
            sys.exit(found.detail if found else "the service answered with an unknown status")
        for one in found.lists:
            show(one)
        like = similar.sync(found.lists[0].items[0].id, client=client, k=3, return_="price")
        if isinstance(like, ItemListReply):
            show(like)


def show(found: ItemList | ItemListReply) -> None:
    """Print a list on one line, with prices where items have one."""
    items = []
    for item in found.items:
        price = item.attributes["price"] if item.attributes and "price" in item.attributes else "-"
        items.append(f"{item.id} ({price})")
    print(f"{found.subject}: {', '.join(items)}")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])

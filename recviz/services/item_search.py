"""Items found by the words of their titles."""

from recviz.services.workspace import Origin, Workspace


def items_called(ws: Workspace, run_id: str, words: str, origin: Origin = "cut", most: int = 30) -> dict[str, str]:
    """Return the items whose title holds all of these words, in any order: item id -> title; shortest titles first.

    An item whose id is just what is typed comes first.
    """
    dataset = ws.predictor(run_id, origin).dataset
    sought = words.casefold().split()
    titles = {str(item): dataset.title(row) for row, item in enumerate(dataset.item_ids)} if sought else {}
    held = [item for item, title in titles.items() if all(word in title.casefold() for word in sought)]
    exact = [words.strip()] if words.strip() in titles else []
    found = dict.fromkeys([*exact, *sorted(held, key=lambda item: len(titles[item]))])
    return {item: titles[item] for item in list(found)[:most]}

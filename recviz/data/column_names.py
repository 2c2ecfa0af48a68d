"""How columns of logs are usually called."""

import re

from recviz.data.plan import Role

_NAMES: dict[Role, tuple[str, ...]] = {
    "user": ("user", "userid", "customer", "customerid", "uid", "member", "memberid", "visitor", "visitorid",
             "account", "accountid", "client", "clientid", "reviewerid", "buyer", "buyerid", "person", "personid",
             "cookie", "deviceid", "subscriberid", "patron", "reader", "viewer", "listener", "username", "msno"),
    "item": ("item", "itemid", "product", "productid", "stockcode", "sku", "asin", "parentasin", "movie", "movieid",
             "article", "articleid", "book", "bookid", "isbn", "track", "trackid", "song", "songid", "video", "videoid",
             "content", "contentid", "business", "businessid", "goods", "goodsid", "game", "gameid", "artistid",
             "adid", "newsid", "courseid", "recipeid", "eventitem", "iid", "artist"),
    "time": ("timestamp", "time", "date", "datetime", "invoicedate", "eventtime", "createdat", "unixreviewtime", "ts",
             "orderdate", "purchasedate", "when", "day", "ratedat", "reviewtime", "transactiondate", "tdat", "occurredat"),
    "order": ("seqpos", "position", "seq", "sequence", "order", "step", "index", "pos", "rank", "seqno"),
    "kind": ("eventtype", "event", "action", "kind", "behavior", "behaviour", "behaviortype", "interaction",
             "interactiontype", "actiontype", "activity", "eventname", "type"),
    "value": ("rating", "quantity", "stars", "star", "score", "overall", "value", "count", "qty", "amount", "weight",
              "watchtime", "dwelltime", "duration", "playcount", "plays", "watchratio", "units"),
    "title": ("title", "name", "itemname", "productname", "movietitle", "itemtitle", "producttitle", "description",
              "booktitle", "trackname", "songname", "articletitle", "headline", "prodname", "itemdescription"),
    "category": ("category", "categories", "genre", "genres", "categoryid", "categorycode", "department", "class",
                 "producttype", "maincategory", "productcategory", "section", "topic", "itemcategory"),
    "text": ("description", "brand", "summary", "subtitle", "author", "abstract", "about", "tags", "keywords", "plot",
             "overview", "color", "colour", "manufacturer", "publisher"),
    "attribute": ("country", "gender", "age", "city", "segment", "region", "occupation", "language", "plan", "tier",
                  "sex", "state", "agegroup", "channel", "platform", "zip", "zipcode"),
}  # fmt: skip
"""Names that columns of a role usually have, in small letters and digits alone."""


def plain(name: str) -> str:
    """Reduce a column's name to its small letters and digits: ``Customer ID`` is ``customerid``."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def name_rank(role: Role, name: str) -> int | None:
    """Return the place of a name among a role's names, ``None`` where it is none of them."""
    names = _NAMES[role]
    return min(names.index(plain(name)), 20) if plain(name) in names else None


def is_half_named(role: Role, name: str) -> bool:
    """Tell whether a name holds one of a role's names, or is part of one."""
    short = plain(name)
    return any(min(len(word), len(short)) > 3 and (word in short or short in word) for word in _NAMES[role])  # noqa: PLR2004 - letters

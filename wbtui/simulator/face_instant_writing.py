"""Configuration, submissions and post-edit orders (instant-translation page, section 2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from wbtui.simulator.dates import parse_zoned
from wbtui.simulator.http_messages import Refused, Reply, Request, json_reply, need, whole_number
from wbtui.simulator.instant import Sent, Translation
from wbtui.simulator.instant_wire import compression, error, ids_of, unpacked
from wbtui.simulator.ledger import Submission, Upload
from wbtui.simulator.names import SOURCE, title
from wbtui.simulator.world import World

OPTIONS: Final = ("Default", "Technical")
FORMATS: Final[Mapping[str, tuple[str, ...]]] = {
    ".docx": ("Default", "With comments"),
    ".xlsx": ("Default",),
    ".pptx": ("Default", "With speaker notes"),
    ".html": ("Default",),
    ".txt": ("Default",),
    ".xml": ("Default",),
    ".md": ("Default",),
    ".json": ("Default",),
}
"""File types with the titles of their format options; an option is named by its place."""
LEAD_HOURS: Final = 4
LONGEST_COMMENT: Final = 500


def configuration(world: World, request: Request, ui: str) -> Reply:
    """Answer the settings; an invalid option silently means 0. All names but three are our guess."""
    (option,) = need(request, "option")
    known = int(option) if option in {"0", "1"} else 0
    answer: dict[str, Any] = {"option": known, "options": list(OPTIONS), "locales": {}}
    if world.plan.sparse_configuration:
        return json_reply(answer)
    answer["locales"] = {
        "src": [{"v": SOURCE, "t": title(SOURCE, ui)}],
        "trg": [{"v": code, "t": title(code, ui)} for code in world.beebox.locales],
    }
    formats = [
        {
            "extension": ending,
            "options": [{"foption": place, "title": name} for place, name in enumerate(names)],
        }
        for ending, names in FORMATS.items()
    ]
    terms = post_edit_terms(older=world.plan.dialect == "older")
    more = {"maxFileSize": world.plan.largest_upload, "postEdit": {"enabled": True, **terms}}
    return json_reply(answer | {"formats": formats} | more)


def post_edit_terms(*, older: bool) -> dict[str, Any]:
    """Return what the platform asks of a post-edit order; a deadline only in the older dialect."""
    return {
        "urlTerms": None,
        "deadlineMandatory": older or None,
        "deadlineMinLeadHours": LEAD_HOURS if older else None,
    }


def submit(world: World, request: Request, ui: str, now: datetime) -> Reply:
    """Answer POST `it/requests` with the id of the request; the plan says what a known hash gets."""
    name, src, trg, option, foption, guard = need(
        request, "filename", "src", "trg", "option", "foption", "hash"
    )
    _check(world, {"filename": name, "src": src, "trg": trg, "foption": foption, "hash": guard}, ui)
    sent = Sent(name, trg, _option(option, ui), _content(world, request, ui))
    known = [one.request for one in world.ledger.submissions if one.hash == guard and one.created]
    if known and world.plan.repeated_hash == "error":
        world.ledger.submissions.append(Submission(guard, None, created=False))
        raise Refused(error("BAD_PARAMETERS", ui, "hash"))
    number = known[0] if known else world.instant.submit(sent, now)
    world.ledger.submissions.append(Submission(guard, number, created=not known))
    world.ledger.uploads.append(Upload("instant", "it", name, sent.content))
    return json_reply({"id": number})


def _check(world: World, given: Mapping[str, str], ui: str) -> None:
    """Refuse values that the configuration does not allow, naming the parameter in `info`."""
    ending = f".{given['filename'].rpartition('.')[2].lower()}"
    options = FORMATS.get(ending, ())
    fine = {
        "filename": bool(options) and not set(given["filename"]) & set("\\/"),
        "src": given["src"] == SOURCE,
        "trg": given["trg"] in world.beebox.locales,
        "foption": given["foption"] in {str(place) for place in range(len(options))},
        "hash": bool(given["hash"].strip()),
    }
    for name, good in fine.items():
        if not good:
            raise Refused(error("BAD_PARAMETERS", ui, name))


def _option(text: str, ui: str) -> int:
    try:
        option = whole_number(text, 0)
    except ValueError:
        raise Refused(error("BAD_PARAMETERS", ui, "option")) from None
    return option if option < len(OPTIONS) else 0


def _content(world: World, request: Request, ui: str) -> bytes:
    form = compression(request, ui)
    if request.headers.get("content-type", "").startswith("multipart/"):
        raise Refused(error("BAD_PARAMETERS", ui, "multipart content is not supported by the Beebox"))
    return unpacked(request.body, form, world.plan.largest_upload, ui)


def order_post_edit(world: World, request: Request, ui: str, now: datetime) -> Reply:
    """Answer POST `it/requests/postedit`; `trmid` is null where the order was made at once."""
    need(request, "ids", "reference")
    if len(request.value("comments") or "") > LONGEST_COMMENT:
        raise Refused(error("BAD_PARAMETERS", ui, "comments"))
    _check_deadline(world, request.value("deadline") or "", ui, now)
    chosen = _chosen(world, request, ui, now)
    if any(not one.ready(now) or one.post_edit_asked(now) for one in chosen):
        raise Refused(error("", ui))
    for one in chosen:
        world.instant.order_post_edit(one, now)
    if len(chosen) == 1:
        return json_reply({"trmid": None, "status": "Finished"})
    return json_reply({"trmid": 70_000 + chosen[0].id, "status": "Waiting"})


def _check_deadline(world: World, text: str, ui: str, now: datetime) -> None:
    older = world.plan.dialect == "older"
    if not text and not older:
        return
    deadline = parse_zoned(text)
    lead = timedelta(hours=LEAD_HOURS if older else 0)
    if deadline is None or deadline < now + lead:
        raise Refused(error("BAD_PARAMETERS", ui, "deadline"))


def cost(world: World, request: Request, ui: str, now: datetime) -> Reply:
    """Answer `it/requests/postedit/cost`: a record per language pair and option; no price is available."""
    need(request, "ids")
    groups: dict[tuple[str, int], list[Translation]] = {}
    for one in _chosen(world, request, ui, now):
        groups.setdefault((one.target, one.option), []).append(one)
    records = [
        {
            "docs": len(group),
            "srct": title(SOURCE, ui),
            "trgt": title(target, ui),
            "mtoption": OPTIONS[option],
            "words": sum(one.counts["words"] for one in group),
            "chars": sum(one.counts["chars"] for one in group),
            "documents": [one.name for one in group],
            "costed": False,
        }
        for (target, option), group in groups.items()
    ]
    return json_reply({"records": records})


def _chosen(world: World, request: Request, ui: str, now: datetime) -> list[Translation]:
    """Return the requests that `ids` names, each once; raises Refused if there are none or one is gone."""
    present = world.instant.present(now)
    ids = dict.fromkeys(ids_of(request, ui) or ())
    if not ids or not present.keys() >= ids.keys():
        raise Refused(error("BAD_PARAMETERS", ui, "ids"))
    return [present[number] for number in ids]

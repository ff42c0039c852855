"""The Graph API look-alike: the calls that the service makes for its Page, with Meta's checks and errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.calls import Exchange, Operation
from sandbox.clock import graph_time
from sandbox.config import SandboxConfig
from sandbox.conversation import QuickReply
from sandbox.documents import Document, MalformedDocument, answer
from sandbox.faults import ApiFault
from sandbox.limits import Allowance
from sandbox.meta import errors
from sandbox.meta.arguments import access_token, asked_fields, nested, read_arguments, truth
from sandbox.meta.network import MetaNetwork
from sandbox.meta.page import HUMAN_AGENT_WINDOW, STANDARD_WINDOW, Comment, Message
from sandbox.signatures import appsecret_proof, same

Handler = Callable[[web.Request, Document], Awaitable[web.Response]]

_SEND = Operation("facebook.message.send", conversation=True)
_COMMENT = Operation("facebook.comment.create")
_UPDATE = Operation("facebook.comment.update")
_ROUTING = Operation("facebook.routing")
_READ = Operation("facebook.read", reads=True)

_QUICK_REPLIES = 13
_TITLE_LENGTH = 20
_PAYLOAD_LENGTH = 1000
_METADATA_LENGTH = 1000
_COMMENT_FIELDS = "created_time,from,message"


class MetaDialect:
    """The Graph API's words for faults and limits."""

    def fault(self, fault: ApiFault, allowances: list[Allowance]) -> web.Response:
        """The answer to a call that meets the fault. Too many calls is HTTP 400 there, with code 613."""
        if fault is ApiFault.RATE_LIMITED:
            return self.limited(allowances)
        if fault is ApiFault.HTML_503:
            return web.Response(text=errors.HTML_503, status=503, content_type="text/html")
        if fault is ApiFault.REVOKED_TOKEN:
            return errors.invalid_token()
        if fault is ApiFault.WINDOW_CLOSED:
            return errors.outside_window()
        return errors.temporary()

    def limited(self, allowances: list[Allowance]) -> web.Response:
        """613, with the usage at its full."""
        response = errors.rate_limited()
        response.headers["X-App-Usage"] = '{"call_count":100,"total_cputime":25,"total_time":25}'
        return response

    def headers(self, allowances: list[Allowance]) -> dict[str, str]:
        """How much of the calls is used, in percent."""
        return {"X-App-Usage": '{"call_count":5,"total_cputime":1,"total_time":1}'}


class MetaApi:
    """The handlers of the Graph API, to be put under any prefix, with or without a version."""

    def __init__(self, config: SandboxConfig, network: MetaNetwork, exchange: Exchange) -> None:
        self._config = config
        self._network = network
        self._exchange = exchange

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """All calls, under the prefix and under each version below it."""
        return [
            route for base in (prefix, prefix + r"/{version:v\d+\.\d+}") for route in self._routes_under(base)
        ]

    def _routes_under(self, base: str) -> list[web.RouteDef]:
        return [
            web.post(f"{base}/{{id}}/messages", self._call(_SEND, self._send)),
            web.post(f"{base}/{{id}}/comments", self._call(_COMMENT, self._comment)),
            web.get(f"{base}/{{id}}/comments", self._call(_READ, self._read_comments)),
            web.get(f"{base}/{{id}}/conversations", self._call(_READ, self._conversations)),
            web.post(f"{base}/{{id}}/pass_thread_control", self._call(_ROUTING, self._route_thread)),
            web.post(f"{base}/{{id}}/take_thread_control", self._call(_ROUTING, self._route_thread)),
            web.post(f"{base}/{{id}}/release_thread_control", self._call(_ROUTING, self._route_thread)),
            web.post(f"{base}/{{id}}", self._call(_UPDATE, self._update)),
            web.get(f"{base}/{{id}}", self._call(_READ, self._read)),
        ]

    def _call(
        self, operation: Operation, handler: Handler
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """The handler behind the check of the token, the faults and the limits."""

        async def perform(request: web.Request, arguments: Document) -> web.Response:
            try:
                return await handler(request, arguments)
            except MalformedDocument as error:
                return errors.invalid_parameter(str(error))

        async def call(request: web.Request) -> web.Response:
            try:
                arguments = await read_arguments(request)
            except MalformedDocument as error:
                return self._exchange.refuse(request, errors.invalid_parameter(str(error)))
            refusal = self._refusal(request, arguments)
            if refusal is not None:
                return self._exchange.refuse(request, refusal)
            return await self._exchange.conduct(request, operation, lambda: perform(request, arguments))

        return call

    def _refusal(self, request: web.Request, arguments: Document) -> web.Response | None:
        token = access_token(request, arguments)
        if token is None:
            return errors.no_token()
        if not same(token, self._config.meta_page_token):
            return errors.invalid_token()
        proof = arguments.get("appsecret_proof")
        if proof is not None and not same(str(proof), appsecret_proof(self._config.meta_app_secret, token)):
            return errors.invalid_parameter("Invalid appsecret_proof provided in the API argument")
        return None

    def _is_page(self, object_id: str) -> bool:
        return object_id in ("me", self._network.page.id)

    # Messages

    async def _send(self, request: web.Request, arguments: Document) -> web.Response:
        if not self._is_page(request.match_info["id"]):
            return errors.no_such_object(request.match_info["id"])
        recipient, message = nested(arguments, "recipient"), nested(arguments, "message")
        if "comment_id" in recipient:
            return self._send_private_reply(str(recipient["comment_id"]), message)
        psid = recipient.get("id")
        if not isinstance(psid, str):
            return errors.invalid_parameter("The parameter recipient is required")
        if (refusal := self._unreachable(psid, arguments)) is not None:
            return refusal
        if "sender_action" in arguments:
            self._network.typing(psid, str(arguments["sender_action"]))
            return answer({"recipient_id": psid})
        text = _text(message.get("text"), self._config.message_length, "message[text]")
        sent = self._network.page_messages(
            psid,
            text,
            metadata=_metadata(message),
            quick_replies=_quick_replies(message),
            tag=arguments.get("tag"),
        )
        return answer({"recipient_id": psid, "message_id": sent.mid})

    def _unreachable(self, psid: str, arguments: Document) -> web.Response | None:
        """Why the person can't be written to now, if so: unknown, blocked, or outside the window."""
        person = self._network.people.known_as(psid)
        if person is None or person.psid != psid:
            return errors.no_such_person()
        if person.blocked:
            return errors.unavailable()
        kind, tag = arguments.get("messaging_type", "RESPONSE"), arguments.get("tag")
        if kind not in ("RESPONSE", "UPDATE", "MESSAGE_TAG"):
            return errors.invalid_parameter(
                "Param messaging_type must be one of RESPONSE, UPDATE, MESSAGE_TAG"
            )
        if kind == "MESSAGE_TAG" and tag != "HUMAN_AGENT":
            return errors.invalid_parameter("Param tag must be one of {HUMAN_AGENT}")
        window = HUMAN_AGENT_WINDOW if kind == "MESSAGE_TAG" else STANDARD_WINDOW
        return None if self._network.page.within(psid, window) else errors.outside_window()

    def _send_private_reply(self, comment_id: str, message: Document) -> web.Response:
        page = self._network.page
        comment = page.find(comment_id)
        if comment is None or comment.author_id == page.id:
            return errors.no_such_object(comment_id)
        if not page.may_answer_privately(comment):
            return errors.already_answered()
        if not page.young_enough_for_private_reply(comment):
            return errors.too_late_for_private_reply()
        person = self._network.people.known_as(comment.author_id)
        if person is None or person.blocked:
            return errors.unavailable()
        text = _text(message.get("text"), self._config.message_length, "message[text]")
        sent = self._network.page_answers_privately(
            comment, text, metadata=_metadata(message), quick_replies=_quick_replies(message)
        )
        return answer({"recipient_id": comment.author_id, "message_id": sent.mid})

    async def _conversations(self, request: web.Request, arguments: Document) -> web.Response:
        if not self._is_page(request.match_info["id"]):
            return errors.no_such_object(request.match_info["id"])
        psid = str(arguments.get("user_id", ""))
        thread = self._network.page.thread(psid)
        if not thread:
            return answer({"data": []})
        fields = asked_fields(str(arguments.get("fields", "link,updated_time")))
        described: Document = {
            "id": f"t_{psid}",
            "link": f"/{self._network.page.id}/inbox/{psid}/",
            "updated_time": graph_time(thread[-1].at),
            "message_count": len(thread),
            "snippet": thread[-1].text[:80],
            "can_reply": self._network.page.within(psid, STANDARD_WINDOW),
            "participants": {"data": [self._party(psid), self._party(self._network.page.id)]},
        }
        kept = {name: value for name, value in described.items() if name == "id" or name in fields}
        if "messages" in fields:
            asked = asked_fields(fields["messages"])
            messages = [self._describe_message(each, asked) for each in reversed(thread) if not each.deleted]
            kept["messages"] = {"data": messages[:25]}
        return answer({"data": [kept]})

    def _describe_message(self, message: Message, asked: dict[str, str]) -> Document:
        page = self._network.page.id
        author, recipient = (page, message.psid) if message.from_page else (message.psid, page)
        described = {
            "id": message.mid,
            "created_time": graph_time(message.at),
            "from": self._party(author),
            "to": {"data": [self._party(recipient)]},
            "message": message.text,
        }
        fields = set(asked) | {"id"} if asked else {"id", "created_time"}
        return {name: value for name, value in described.items() if name in fields}

    def _party(self, platform_id: str) -> Document:
        person = self._network.people.known_as(platform_id)
        return {"name": person.name if person else self._config.council_name, "id": platform_id}

    async def _route_thread(self, request: web.Request, arguments: Document) -> web.Response:
        psid = nested(arguments, "recipient").get("id")
        if not self._is_page(request.match_info["id"]):
            return errors.no_such_object(request.match_info["id"])
        if self._network.people.known_as(str(psid)) is None:
            return errors.no_such_person()
        return answer({"success": True})

    # Comments

    async def _comment(self, request: web.Request, arguments: Document) -> web.Response:
        object_id = request.match_info["id"]
        under = self._network.page.find(object_id)
        if under is None and not self._network.page.is_post(object_id):
            return errors.no_such_object(object_id)
        text = _text(arguments.get("message"), self._config.comment_length, "message")
        comment = self._network.page_comments(text, under, None if under else object_id)
        return answer({"id": comment.id})

    async def _update(self, request: web.Request, arguments: Document) -> web.Response:
        comment = self._network.page.find(request.match_info["id"])
        if comment is None:
            return errors.no_such_object(request.match_info["id"])
        if "is_hidden" not in arguments:
            return errors.invalid_parameter("The parameter is_hidden is required")
        if comment.author_id == self._network.page.id or comment.elsewhere:
            return errors.no_permission()
        self._network.hide(comment, truth(arguments, "is_hidden"))
        return answer({"success": True})

    async def _read_comments(self, request: web.Request, arguments: Document) -> web.Response:
        object_id = request.match_info["id"]
        if self._network.page.find(object_id) is None and not self._network.page.is_post(object_id):
            return errors.no_such_object(object_id)
        fields = asked_fields(str(arguments.get("fields", _COMMENT_FIELDS)))
        found = self._network.page.answers_to(object_id)
        data = [self._describe_comment(each, fields) for each in found]
        cursors = {"before": "QVFI", "after": "QVFJ"}
        return answer({"data": data} | ({"paging": {"cursors": cursors}} if data else {}))

    async def _read(self, request: web.Request, arguments: Document) -> web.Response:
        object_id = request.match_info["id"]
        if self._is_page(object_id):
            return answer(self._party(self._network.page.id))
        comment = self._network.page.find(object_id)
        if comment is not None:
            return answer(
                self._describe_comment(comment, asked_fields(str(arguments.get("fields", _COMMENT_FIELDS))))
            )
        person = self._network.people.known_as(object_id)
        if person is not None and person.psid == object_id:
            first, _, last = person.name.partition(" ")
            return answer({"name": person.name, "first_name": first, "last_name": last, "id": person.psid})
        return errors.no_such_object(object_id)

    def _describe_comment(self, comment: Comment, fields: dict[str, str]) -> Document:
        page = self._network.page
        theirs = comment.author_id != page.id
        described: Document = {
            "id": comment.id,
            "message": comment.text,
            "from": {"name": comment.author_name, "id": comment.author_id},
            "created_time": graph_time(comment.at),
            "is_hidden": comment.hidden,
            "can_hide": theirs and not comment.elsewhere,
            "can_comment": True,
            "can_reply_privately": theirs
            and page.may_answer_privately(comment)
            and page.young_enough_for_private_reply(comment),
            "comment_count": len(page.answers_to(comment.id)),
            "permalink_url": _permalink(comment),
        }
        parent = page.find(comment.parent_id or "")
        if parent is not None:
            described["parent"] = {
                "id": parent.id,
                "message": parent.text,
                "created_time": graph_time(parent.at),
            }
        return {name: value for name, value in described.items() if name == "id" or name in fields}


def _permalink(comment: Comment) -> str:
    return f"https://www.facebook.com/{comment.post_id}?comment_id={comment.id.rpartition('_')[2]}"


def _text(value: object, most: int, name: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise MalformedDocument(f"Empty or missing param {name}")
    if len(value) > most:
        raise MalformedDocument(f"Length of param {name} must be less than or equal to {most}")
    return value


def _metadata(message: Document) -> str | None:
    metadata = message.get("metadata")
    if metadata is not None and (not isinstance(metadata, str) or len(metadata) > _METADATA_LENGTH):
        raise MalformedDocument(
            f"param message[metadata] must be a string of at most {_METADATA_LENGTH} characters."
        )
    return metadata


def _quick_replies(message: Document) -> tuple[QuickReply, ...]:
    given = message.get("quick_replies", [])
    if not isinstance(given, list) or len(given) > _QUICK_REPLIES:
        raise MalformedDocument(f"param message[quick_replies] must be an array of at most {_QUICK_REPLIES}.")
    return tuple(_quick_reply(number, each) for number, each in enumerate(given))


def _quick_reply(number: int, given: object) -> QuickReply:
    name = f"message[quick_replies][{number}]"
    if not isinstance(given, dict) or given.get("content_type") != "text":
        raise MalformedDocument(f"param {name}[content_type] must be text.")
    title, payload = given.get("title"), given.get("payload")
    if not isinstance(title, str) or not 0 < len(title) <= _TITLE_LENGTH:
        raise MalformedDocument(f"Length of param {name}[title] must be between 1 and {_TITLE_LENGTH}")
    if not isinstance(payload, str) or not 0 < len(payload) <= _PAYLOAD_LENGTH:
        raise MalformedDocument(f"Length of param {name}[payload] must be between 1 and {_PAYLOAD_LENGTH}")
    return QuickReply(title, payload)

"""The members of a chat."""

from flask import Blueprint, abort, g, render_template, request
from sqlalchemy import select

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.extensions import db, limit_probes
from chatapp.forms import MemberForm
from chatapp.models import Chat, Membership, User
from chatapp.models.presence import MOST_MEMBERS, here

from . import departures, lead_to, member_routes, people

bp = Blueprint("members", __name__, url_prefix="/chats/<int:chat_id>/members")

UNKNOWN = "Nobody here has this e-mail address. Ask them to sign up first, then add them."
GONE = "This account is closed. Look for somebody else."


@bp.get("")
@people.limited
@people.limit_misses
def index(chat_id: int):
    """With ``?q=`` it lists the people whom the viewer may mean, for searching without scripts or by address."""
    chat = Chat.find(chat_id, viewer())
    if chat.is_direct:
        return lead_to("directs.show", id=chat.id)
    return page(chat, MemberForm(formdata=None))


@bp.post("")
@limit_probes
def create(chat_id: int):
    form = MemberForm()
    if form.is_empty:
        return join(Chat.find(chat_id, viewer(), to_change=True))
    # Checked before the address is looked up, or people who may not add anybody could find out who has an account.
    chat = one_to_add_to(Chat.find(chat_id, viewer()))
    user = form.person if form.validate() else None
    if user is None:
        g.tells_of_account = not form.email.errors and not form.user_id.data
        form.email.errors = form.email.errors or [GONE if form.user_id.data else UNKNOWN]
        return page(chat, form), 422
    chat = one_to_add_to(Chat.find(chat_id, viewer(), to_change=True))
    if user.is_assistant and not viewer().can_manage(chat):
        abort(403, "Only a manager of the chat or an administrator can add an assistant.")
    chat.admit(user)
    return OnceCommitted(lead_to, "members.index", welcome(user, chat), chat_id=chat.id)


def welcome(user: User, chat: Chat) -> str:
    if user.is_assistant and chat.assistant == "never":
        return f"{user.name} is a member now. It answers once the settings of the chat let assistants answer."
    return f"{user.name} is a member now."


def one_to_add_to(chat: Chat) -> Chat:
    if chat.is_direct:
        abort(403, "Nobody can be added to a direct chat. Start another one with all of you.")
    return chat if viewer().can_manage(chat) else only_members(chat, "Join this chat first, then you can add others.")


def only_members(chat: Chat, otherwise: str = "Join this chat first.") -> Chat:
    """Refuse a viewer who reads an open chat without being a member."""
    return chat if chat.membership_of(viewer()) else abort(403, otherwise)


def join(chat: Chat):
    """Make the viewer a member: people see a chat of which they are not members only because it is open."""
    chat.admit(viewer())
    return lead_to("chats.show", id=chat.id)


def destroy(chat_id: int, user_id: int):
    if user_id == viewer().id:
        return departures.leave(departures.departure(chat_id))
    chat = Chat.find(chat_id, viewer(), to_change=True)
    if not viewer().can_manage(chat):
        abort(403, "Only a manager of the chat or an administrator can remove others.")
    chat.dismiss(db.first_or_404(select(Membership).filter_by(chat_id=chat.id, user_id=user_id)))
    return lead_to("members.index", chat_id=chat.id)


def page(chat: Chat, form: MemberForm) -> str:
    revision, memberships = chat.revision, chat.member_list()
    found = people.found([], chat) if "q" in request.args else None
    return render_template(
        "members/index.html",
        chat=chat,
        memberships=memberships,
        here=here([*(membership.user for membership in memberships), *(found or ())], viewer()),
        live=len(memberships) <= MOST_MEMBERS,
        revision=revision,
        form=form,
        can_manage=viewer().can_manage(chat),
        typed=people.typed() or form.email.data or "",
        found=found,
    )


member_routes(bp, "/<int:user_id>", destroy=destroy)

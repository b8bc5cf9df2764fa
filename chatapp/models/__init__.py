"""The nouns of Plainwire. Reply is not among them: only the worker writes replies, and loads what that takes."""

from .admission import Admission
from .attachment import Attachment
from .block import Block
from .bookmark import Bookmark
from .chat import Chat
from .conversation import Conversation
from .face import Face
from .former_member import FormerMember
from .invitation import Invitation
from .link_preview import LinkPreview
from .listed_chat import ListedChat
from .membership import Membership
from .mention import Mention
from .mention_mark import MentionMark
from .message import Message
from .reaction import Reaction
from .session import Session
from .typing import Typing
from .user import User

__all__ = [
    "Admission",
    "Attachment",
    "Block",
    "Bookmark",
    "Chat",
    "Conversation",
    "Face",
    "FormerMember",
    "Invitation",
    "LinkPreview",
    "ListedChat",
    "Membership",
    "Mention",
    "MentionMark",
    "Message",
    "Reaction",
    "Session",
    "Typing",
    "User",
]
